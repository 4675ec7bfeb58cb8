-- Grain: one run that was written to while it was read. Inputs: moved_run_ids, mlflow_runs.
select
    mlflow_runs.run_uuid,
    mlflow_runs.iteration
from mlflow_runs
semi join moved_run_ids on mlflow_runs.run_uuid = moved_run_ids.run_uuid
