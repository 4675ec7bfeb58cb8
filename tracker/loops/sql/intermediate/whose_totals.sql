-- Grain: one iteration, in the order of its number. Inputs: bounds.
select
    loop_number,
    study,
    regime,
    iteration
from bounds
order by loop_number
