-- Grain: one iteration of the marts, with where it was taken from: what the next refresh goes on from.
-- Inputs: settled_iterations.
select
    study,
    iteration,
    source,
    fingerprint
from settled_iterations
order by study, iteration
