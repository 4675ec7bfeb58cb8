-- Grain: one phase or job, cut to its iteration; what is unfinished lasts until the iteration's end.
-- Inputs: recorded_spans, bounds.
select
    recorded_spans.study,
    recorded_spans.iteration,
    recorded_spans.span,
    recorded_spans.kind,
    recorded_spans.name,
    least(greatest(epoch_us(recorded_spans.enabled_at), bounds.started_us), bounds.until_us) as enabled_us,
    least(
        greatest(epoch_us(coalesce(recorded_spans.started_at, recorded_spans.ended_at)), bounds.started_us),
        bounds.until_us
    ) as started_us,
    greatest(
        least(greatest(epoch_us(recorded_spans.enabled_at), bounds.started_us), bounds.until_us),
        least(coalesce(epoch_us(recorded_spans.ended_at), bounds.until_us), bounds.until_us)
    ) as ended_us
from recorded_spans
inner join bounds on recorded_spans.study = bounds.study and recorded_spans.iteration = bounds.iteration
where recorded_spans.kind in ('phase', 'job')
