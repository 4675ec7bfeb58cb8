-- Grain: one row. How many runs there are. Read through ADBC, so in SQL that SQLite and PostgreSQL share.
select count(*) as runs
from runs
where lifecycle_stage = 'active'
