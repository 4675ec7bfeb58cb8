-- Grain: one iteration that is read from imports. Inputs: changed_iterations.
select
    study,
    iteration,
    source_number
from changed_iterations
where source_number is not null
