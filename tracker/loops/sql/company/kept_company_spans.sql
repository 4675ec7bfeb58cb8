-- Grain: one phase or job of an iteration in company that stays, cut to its iteration as `clipped_spans` are. Inputs:
-- companions (made by company.py), kept_spans.
with within as (
    select
        companions.companion,
        companions.until_us,
        kept_spans.kind = 'phase' as is_phase,
        least(greatest(epoch_us(kept_spans.enabled_at), companions.from_us), companions.until_us) as from_us,
        least(coalesce(epoch_us(kept_spans.ended_at), companions.until_us), companions.until_us) as ended_us
    from kept_spans
    inner join companions on kept_spans.study = companions.study and kept_spans.iteration = companions.iteration
    where kept_spans.kind in ('phase', 'job')
)

select
    companion,
    is_phase,
    from_us,
    greatest(from_us, ended_us) as until_us
from within
