-- Grain: one span. Inputs: recorded_spans, numbered_iterations, numbered_names.
-- What the accounting needs and nothing else, in microseconds since 1970 UTC, so that sums are exact.
select
    numbered_iterations.loop_number,
    recorded_spans.kind,
    coalesce(numbered_names.name_number, 0) as name_number,
    recorded_spans.status in ('failed', 'killed') as is_failed,
    recorded_spans.clarity = 'murky' as is_murky,
    epoch_us(recorded_spans.enabled_at) as enabled_us,
    epoch_us(recorded_spans.started_at) as started_us,
    epoch_us(recorded_spans.ended_at) as ended_us
from recorded_spans
inner join numbered_iterations
    on recorded_spans.study = numbered_iterations.study and recorded_spans.iteration = numbered_iterations.iteration
left join numbered_names
    on recorded_spans.name = numbered_names.name and recorded_spans.kind in ('phase', 'job', 'stage')
