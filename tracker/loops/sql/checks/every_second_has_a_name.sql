-- Rows are stretches of an iteration whose time belongs to something that is open, and nobody could say to what.
select
    study,
    iteration,
    part,
    total_us
from named_parts
where name is null
union all
select
    study,
    iteration,
    wait as part,
    total_us
from named_waits
where job is null or stage is null
