-- Grain: one iteration of the last snapshot whose rows are not taken over: gone, or built anew.
-- Inputs: settled_iterations, known_iterations.
select
    known_iterations.study,
    known_iterations.iteration
from known_iterations
anti join settled_iterations
    on
        known_iterations.study = settled_iterations.study
        and known_iterations.iteration = settled_iterations.iteration
        and known_iterations.source = settled_iterations.source
        and known_iterations.fingerprint = settled_iterations.fingerprint
