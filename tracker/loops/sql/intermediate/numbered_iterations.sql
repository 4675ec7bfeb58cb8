-- Grain: one iteration. Inputs: built_iterations. The numbers count in the order of study and id: what follows groups
-- and sorts by a number, which is cheaper than by two texts.
select
    cast(row_number() over (order by study, iteration) as integer) as loop_number,
    study,
    iteration
from built_iterations
