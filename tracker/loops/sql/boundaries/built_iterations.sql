-- Grain: one piece that has a span. Inputs: recorded_spans.
select distinct
    study,
    iteration
from recorded_spans
