-- Grain: one span. Inputs: recorded_spans. Whose id it is.
select
    study,
    iteration,
    span
from recorded_spans
