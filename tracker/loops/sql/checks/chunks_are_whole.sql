-- Rows are iterations whose spans in MLflow are not all there, or are no JSON: shipped half, or edited by hand.
-- Inputs: iteration_runs, run_chunks.
with found as (
    select
        run_uuid,
        count(*) filter (where is_json) as chunks
    from run_chunks
    group by run_uuid
)

select
    iteration_runs.study,
    iteration_runs.iteration,
    coalesce(found.chunks, 0) as chunks,
    iteration_runs.chunks as expected_chunks
from iteration_runs
left join found on iteration_runs.run_uuid = found.run_uuid
where coalesce(found.chunks, 0) < iteration_runs.chunks
