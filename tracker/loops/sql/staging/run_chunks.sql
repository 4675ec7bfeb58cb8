-- Grain: one chunk of the spans of a run, as shipped: a JSON array, when nobody has edited it by hand.
-- Inputs: mlflow_chunks, iteration_runs. An iteration shipped again with fewer chunks leaves the last ones behind.
select
    mlflow_chunks.run_uuid,
    mlflow_chunks.value as chunk,
    json_valid(mlflow_chunks.value) as is_json
from mlflow_chunks
inner join iteration_runs on mlflow_chunks.run_uuid = iteration_runs.run_uuid
where try_cast(split_part(mlflow_chunks.key, '/', 2) as integer) < iteration_runs.chunks
