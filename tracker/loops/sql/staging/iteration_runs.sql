-- Grain: one iteration that is read from MLflow, or from the journal as it will be shipped. Inputs: changed_iterations,
-- parsed_runs. `run_number` is that of its spans; none: no chunk of them is there.
select
    changed_iterations.head_number,
    changed_iterations.study,
    changed_iterations.iteration,
    coalesce(changed_iterations.regime, '') as regime,
    lower(coalesce(changed_iterations.evidence, 'measured')) as evidence,
    changed_iterations.chunks,
    parsed_runs.run_number
from changed_iterations
left join parsed_runs on changed_iterations.run_uuid = parsed_runs.run_uuid
where changed_iterations.run_uuid is not null
