-- Grain: one iteration. Two hosts may have shipped the same one: the oldest run counts.
select
    run_uuid,
    study,
    iteration
from mlflow_runs
qualify row_number() over (partition by iteration order by started_ms, run_uuid) = 1
