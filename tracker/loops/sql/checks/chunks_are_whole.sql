-- Rows are iterations whose spans in MLflow are not all there: shipped half, or edited by hand so that a chunk is no
-- JSON array any more, or an empty one. Inputs: iteration_runs, parsed_spans.
with found as (
    select
        iteration_runs.head_number,
        count(distinct parsed_spans.chunk_number) as chunks
    from parsed_spans
    inner join iteration_runs on parsed_spans.run_number = iteration_runs.run_number
    where parsed_spans.chunk_number < iteration_runs.chunks
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
