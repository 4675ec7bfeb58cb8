-- Rows are iterations whose spans in MLflow are not all there, or are no JSON: shipped half, or edited by hand.
with found as (
    select
        run_uuid,
        count(*) filter (where key like 'tracker.spans/%' and json_valid(value)) as chunks,
        max(try_cast(value as integer)) filter (where key = 'tracker.chunks') as expected_chunks
    from mlflow_tags
    group by run_uuid
)

select
    iteration_runs.study,
    iteration_runs.iteration,
    found.chunks,
    found.expected_chunks
from iteration_runs
inner join found on iteration_runs.run_uuid = found.run_uuid
where found.expected_chunks is not null and found.chunks < found.expected_chunks
