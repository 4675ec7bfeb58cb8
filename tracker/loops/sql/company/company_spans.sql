-- Grain: one phase or job of an iteration in company, cut to its iteration. Inputs: companions (made by
-- company.py), current_spans.
select
    companions.companion,
    current_spans.kind = 'phase' as is_phase,
    least(greatest(epoch_us(current_spans.enabled_at), companions.from_us), companions.until_us) as from_us,
    greatest(
        least(greatest(epoch_us(current_spans.enabled_at), companions.from_us), companions.until_us),
        least(coalesce(epoch_us(current_spans.ended_at), companions.until_us), companions.until_us)
    ) as until_us
from current_spans
inner join companions
    on current_spans.study = companions.study and current_spans.iteration = companions.iteration
where current_spans.kind in ('phase', 'job')
