-- Grain: one iteration that is read from MLflow, or from the journal as it will be shipped. Inputs: changed_iterations.
select
    run_uuid,
    run_number,
    study,
    iteration,
    regime,
    evidence,
    chunks
from changed_iterations
where run_uuid is not null
