-- Grain: one part and name of one iteration. Inputs: named_parts, numbered_names, bounds.
-- Identity: the seconds of an iteration add up to its elapsed seconds.
select
    bounds.study,
    bounds.regime,
    bounds.iteration,
    named_parts.part,
    numbered_names.name,
    named_parts.total_us / 1e6 as total_seconds
from named_parts
inner join bounds on named_parts.loop_number = bounds.loop_number
inner join numbered_names on named_parts.name_number = numbered_names.name_number
order by named_parts.loop_number, named_parts.part, named_parts.name_number
