-- Grain: one iteration, from number $1 on, before number $2, of which is known when it began. Inputs: bounds.
select
    loop_number,
    started_us,
    until_us
from bounds
where loop_number >= $1 and loop_number < $2 and started_us is not null
