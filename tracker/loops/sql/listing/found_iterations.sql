-- Grain: one iteration that the marts are to hold, with the source that it is taken from and a fingerprint of what the
-- source says of it: it is built anew when the fingerprint changes.
-- Inputs: mlflow_runs, mlflow_tags, imported_iterations.
-- What waits in the journal is newer than what MLflow holds; an import counts where neither has the iteration, and of
-- several imports the first.
with runs as (
    select
        mlflow_runs.run_uuid,
        any_value(mlflow_runs.study) as study,
        any_value(mlflow_runs.iteration) as iteration,
        any_value(mlflow_runs.started_ms) as started_ms,
        case when starts_with(mlflow_runs.run_uuid, 'journal:') then 'journal' else 'mlflow' end as source,
        bool_or(mlflow_tags.key = 'tracker.ignored') as is_ignored,
        max(mlflow_tags.value) filter (where mlflow_tags.key = 'tracker.regime') as regime,
        max(mlflow_tags.value) filter (where mlflow_tags.key = 'tracker.evidence') as evidence,
        max(try_cast(mlflow_tags.value as integer)) filter (where mlflow_tags.key = 'tracker.chunks') as chunks,
        concat_ws(' ', count(*), bit_xor(hash(mlflow_tags.key, mlflow_tags.value))) as fingerprint
    from mlflow_runs
    inner join mlflow_tags on mlflow_runs.run_uuid = mlflow_tags.run_uuid
    group by mlflow_runs.run_uuid
    -- A user's own run bears the tag of the iteration it was started in, and no schema.
    having bool_or(mlflow_tags.key = 'tracker.schema')
),

-- Two hosts may have shipped one iteration: the oldest run counts.
first_runs as (
    select *
    from runs
    qualify row_number() over (partition by iteration order by source, started_ms, run_uuid) = 1
),

-- What an edit left out is not here, wherever else it may stand.
recorded as (
    select
        run_uuid,
        study,
        iteration,
        source,
        fingerprint,
        regime,
        evidence,
        chunks
    from first_runs
    where not is_ignored
),

first_imports as (
    select
        imported_iterations.study,
        imported_iterations.iteration,
        min_by(imported_iterations.fingerprint, imported_iterations.source_number) as fingerprint,
        min(imported_iterations.source_number) as source_number
    from imported_iterations
    anti join first_runs
        on imported_iterations.study = first_runs.study and imported_iterations.iteration = first_runs.iteration
    group by imported_iterations.study, imported_iterations.iteration
)

select
    run_uuid,
    study,
    iteration,
    source,
    fingerprint,
    regime,
    evidence,
    chunks,
    cast(null as integer) as source_number
from recorded
union all
select
    cast(null as varchar) as run_uuid,
    study,
    iteration,
    'import' as source,
    fingerprint,
    cast(null as varchar) as regime,
    cast(null as varchar) as evidence,
    cast(null as integer) as chunks,
    source_number
from first_imports
