-- Grain: one iteration. Two hosts may have shipped one: the oldest run counts. What an edit left out is not here.
with oldest_runs as (
    select
        run_uuid,
        study,
        iteration
    from mlflow_runs
    qualify row_number() over (partition by iteration order by started_ms, run_uuid) = 1
)

select oldest_runs.*
from oldest_runs
anti join mlflow_tags as ignored on oldest_runs.run_uuid = ignored.run_uuid and ignored.key = 'tracker.ignored'
