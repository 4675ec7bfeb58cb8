-- Rows are stretches of an iteration whose time belongs to something that is open, and nobody could say to what.
select
    bounds.study,
    bounds.iteration,
    named_parts.part,
    named_parts.total_us
from named_parts
inner join bounds on named_parts.loop_number = bounds.loop_number
where named_parts.name_number is null
