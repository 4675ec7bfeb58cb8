-- Grain: one span of the chosen iteration, in time order. Inputs: chosen (rows of the mart spans).
-- Seconds count from the iteration's start. A span without an end has no length: it is not known yet.
with bounds as (
    select min(enabled_at) as started_at
    from chosen
)

select
    chosen.span,
    chosen.parent,
    chosen.kind,
    chosen.name,
    chosen.resource,
    chosen.status,
    chosen.evidence,
    chosen.timed_by,
    chosen.enabled_at,
    chosen.started_at,
    chosen.ended_at,
    (epoch_us(chosen.enabled_at) - epoch_us(bounds.started_at)) / 1e6 as from_seconds,
    (epoch_us(chosen.started_at) - epoch_us(chosen.enabled_at)) / 1e6 as queue_seconds,
    (epoch_us(chosen.ended_at) - epoch_us(chosen.started_at)) / 1e6 as span_seconds,
    chosen.choice,
    chosen.reason,
    chosen.clarity
from chosen
cross join bounds
order by
    chosen.enabled_at,
    case chosen.kind when 'iteration' then 0 when 'stage' then 2 when 'decision' then 3 else 1 end,
    chosen.span
