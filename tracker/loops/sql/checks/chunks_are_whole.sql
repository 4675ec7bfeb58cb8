-- Rows are iterations whose spans in MLflow are not all there, or are no JSON array: shipped half, or edited by hand.
-- Inputs: iteration_runs, parsed_chunks.
with found as (
    select
        iteration_runs.head_number,
        count(*) as chunks
    from parsed_chunks
    inner join iteration_runs on parsed_chunks.run_number = iteration_runs.run_number
    where parsed_chunks.is_array and parsed_chunks.chunk_number < iteration_runs.chunks
    group by iteration_runs.head_number
)

select
    iteration_runs.study,
    iteration_runs.iteration,
    coalesce(found.chunks, 0) as chunks,
    iteration_runs.chunks as expected_chunks
from iteration_runs
left join found on iteration_runs.head_number = found.head_number
where coalesce(found.chunks, 0) < iteration_runs.chunks
