-- Rows are iterations whose spans in MLflow are not all there, or are no JSON array: shipped half, or edited by hand.
-- Inputs: iteration_runs, mlflow_chunks.
with chunks as (
    select
        run_number,
        try_cast(split_part(key, '/', 2) as integer) as chunk_number
    from mlflow_chunks
    where json_valid(value) and starts_with(ltrim(value), '[')
),

found as (
    select
        iteration_runs.run_number,
        count(*) as chunks
    from chunks
    inner join iteration_runs on chunks.run_number = iteration_runs.run_number
    where chunks.chunk_number < iteration_runs.chunks
    group by iteration_runs.run_number
)

select
    iteration_runs.study,
    iteration_runs.iteration,
    coalesce(found.chunks, 0) as chunks,
    iteration_runs.chunks as expected_chunks
from iteration_runs
left join found on iteration_runs.run_number = found.run_number
where coalesce(found.chunks, 0) < iteration_runs.chunks
