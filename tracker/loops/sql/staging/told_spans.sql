-- Grain: one span. Inputs: shipped_spans, imported_spans.
select * from shipped_spans
union all by name
select * from imported_spans
