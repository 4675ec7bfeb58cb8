-- Grain: one span. Inputs: told_spans.
select * from told_spans
