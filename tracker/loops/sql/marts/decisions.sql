-- Grain: one decision point. Inputs: recorded_spans.
select
    study,
    regime,
    iteration,
    span,
    started_at as decided_at,
    options,
    choice,
    reason,
    clarity
from recorded_spans
where kind = 'decision'
