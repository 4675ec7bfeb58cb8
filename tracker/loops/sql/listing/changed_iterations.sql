-- Grain: one iteration that the last snapshot lacks, or holds as another source or another content told it.
-- Inputs: settled_iterations, known_iterations.
select settled_iterations.*
from settled_iterations
anti join known_iterations
    on
        settled_iterations.study = known_iterations.study
        and settled_iterations.iteration = known_iterations.iteration
        and settled_iterations.source = known_iterations.source
        and settled_iterations.fingerprint = known_iterations.fingerprint
