-- Grain: one row of the table that was handed in. Inputs: spans_input, spans_template. Absent columns become null.
select * from spans_template
union all by name
select * from spans_input
