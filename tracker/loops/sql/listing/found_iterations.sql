-- Grain: one iteration that the marts are to hold, with the source that it is taken from and a fingerprint of what the
-- source says of it: it is built anew when the fingerprint changes.
-- Inputs: mlflow_runs, mlflow_tags, imported_iterations.
-- What waits in the journal is newer than what MLflow holds; an import counts where neither has the iteration, and of
-- several imports the first. No two that were recorded bear one id, so one that is imported with it is a copy, also
-- where it stands in the study that the other was in before it was relabelled.
with told as (
    select
        head_number,
        bool_or(key = 'tracker.ignored') as is_ignored,
        max(value) filter (where key = 'tracker.regime') as regime,
        max(value) filter (where key = 'tracker.evidence') as evidence,
        try_cast(max(value) filter (where key = 'tracker.chunks') as integer) as chunks,
        cast(hash(count(*), bit_xor(hash(key, value))) as varchar) as fingerprint
    from mlflow_tags
    where head_number is not null
    group by head_number
    -- A user's own run bears the tag of the iteration it was started in, and no schema.
    having bool_or(key = 'tracker.schema')
),

runs as (
    select
        mlflow_runs.head_number,
        mlflow_runs.run_uuid,
        mlflow_runs.study,
        mlflow_runs.iteration,
        mlflow_runs.started_ms,
        case when starts_with(mlflow_runs.run_uuid, 'journal:') then 'journal' else 'mlflow' end as source,
        told.is_ignored,
        told.regime,
        told.evidence,
        told.chunks,
        told.fingerprint
    from mlflow_runs
    inner join told on mlflow_runs.head_number = told.head_number
),

-- Two hosts may have shipped one iteration: the oldest run counts.
twice as (
    select iteration
    from runs
    group by iteration
    having count(*) > 1
),

later_runs as (
    select runs.head_number
    from runs
    semi join twice on runs.iteration = twice.iteration
    qualify row_number() over (partition by runs.iteration order by runs.source, runs.started_ms, runs.run_uuid) > 1
),

-- What an edit left out is not here, wherever else it may stand.
recorded as (
    select
        runs.head_number,
        runs.run_uuid,
        runs.study,
        runs.iteration,
        runs.source,
        runs.fingerprint,
        runs.regime,
        runs.evidence,
        runs.chunks
    from runs
    anti join later_runs on runs.head_number = later_runs.head_number
    where not runs.is_ignored
),

first_imports as (
    select
        imported_iterations.study,
        imported_iterations.iteration,
        min_by(imported_iterations.fingerprint, imported_iterations.source_number) as fingerprint,
        min(imported_iterations.source_number) as source_number
    from imported_iterations
    anti join runs on imported_iterations.iteration = runs.iteration
    group by imported_iterations.study, imported_iterations.iteration
)

select
    head_number,
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
    cast(null as integer) as head_number,
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
