-- Grain: one span, or one iteration's own row that was made. Inputs: spans (mart), made_rows.
select * from spans
union all by name
select * from made_rows
