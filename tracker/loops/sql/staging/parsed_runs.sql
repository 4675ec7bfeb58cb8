-- Grain: one run that has chunks of spans, with the number that they bear. Inputs: numbered_runs.
select
    run_uuid,
    run_number
from numbered_runs
