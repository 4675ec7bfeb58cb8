-- Grain: one chunk of the spans of a run, as shipped. Inputs: mlflow_chunks.
select
    run_uuid,
    run_number,
    try_cast(split_part(key, '/', 2) as integer) as chunk_number,
    json_valid(value) and starts_with(ltrim(value), '[') as is_array
from mlflow_chunks
