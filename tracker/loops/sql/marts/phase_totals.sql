-- Grain: one part and name of one iteration. Inputs: named_parts (made by totals.py), which are in order.
-- Identity: the seconds of an iteration add up to its elapsed seconds.
select
    study,
    regime,
    iteration,
    part,
    name,
    total_us / 1e6 as total_seconds
from named_parts
