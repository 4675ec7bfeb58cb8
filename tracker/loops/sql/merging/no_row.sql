-- Grain: no row. Beside the rows of a mart it makes every column one that may be null (statements.py).
select cast(null as varchar) as study
where false
