-- Grain: one span as shipped. Each `tracker.spans/NNNN` tag holds a JSON array of rows; empty fields were left out.
with numbered_chunks as (
    select
        iteration_runs.run_uuid,
        iteration_runs.study,
        iteration_runs.iteration,
        mlflow_tags.value as chunk
    from mlflow_tags
    inner join iteration_runs on mlflow_tags.run_uuid = iteration_runs.run_uuid
    inner join mlflow_tags as counts on mlflow_tags.run_uuid = counts.run_uuid
    where
        mlflow_tags.key like 'tracker.spans/%'
        and counts.key = 'tracker.chunks'
        -- An iteration shipped again with fewer chunks leaves the last ones behind.
        and try_cast(split_part(mlflow_tags.key, '/', 2) as integer) < try_cast(counts.value as integer)
        and json_valid(mlflow_tags.value)
),

parsed as (
    select
        run_uuid,
        study,
        iteration,
        unnest(
            from_json(
                chunk,
                '[{"span":"VARCHAR","parent":"VARCHAR","kind":"VARCHAR","name":"VARCHAR","person":"VARCHAR",
                   "enabled_at":"VARCHAR","started_at":"VARCHAR","ended_at":"VARCHAR","last_at":"VARCHAR",
                   "after":"VARCHAR","status":"VARCHAR","forecast_seconds":"DOUBLE","options":"JSON",
                   "choice":"VARCHAR","reason":"VARCHAR","clarity":"VARCHAR","timed_by":"VARCHAR",
                   "inferred":"BOOLEAN","attempt":"INTEGER","device":"VARCHAR","ranks":"INTEGER","config":"JSON"}]'
            )
        ) as row_fields
    from numbered_chunks
)

select
    run_uuid,
    study,
    iteration,
    unnest(row_fields)
from parsed
