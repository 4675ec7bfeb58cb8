-- Grain: one iteration that the new marts hold. Inputs: found_iterations, known_iterations, moved_runs.
-- A run that was written to while it was read may have been read half: its iteration stays as it was until next time.
select
    found_iterations.study,
    found_iterations.iteration,
    found_iterations.source,
    found_iterations.fingerprint,
    found_iterations.head_number,
    found_iterations.run_uuid,
    found_iterations.regime,
    found_iterations.evidence,
    found_iterations.chunks,
    found_iterations.source_number
from found_iterations
anti join moved_runs on found_iterations.run_uuid = moved_runs.run_uuid
union all
select
    known_iterations.study,
    known_iterations.iteration,
    known_iterations.source,
    known_iterations.fingerprint,
    cast(null as integer) as head_number,
    cast(null as varchar) as run_uuid,
    cast(null as varchar) as regime,
    cast(null as varchar) as evidence,
    cast(null as integer) as chunks,
    cast(null as integer) as source_number
from known_iterations
semi join moved_runs on known_iterations.iteration = moved_runs.iteration
