-- Grain: one span of the iterations that stay, and of those that were built now. Inputs: kept_spans, recorded_spans.
select
    study,
    iteration,
    kind,
    enabled_at,
    ended_at
from kept_spans
union all
select
    study,
    iteration,
    kind,
    enabled_at,
    ended_at
from recorded_spans
