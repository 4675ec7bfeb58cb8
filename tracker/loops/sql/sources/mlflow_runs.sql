-- Grain: one iteration run of the MLflow store. Read through ADBC, so in SQL that SQLite and PostgreSQL share.
select
    runs.run_uuid,
    experiments.name as study,
    tags.value as iteration,
    runs.start_time as started_ms
from runs
inner join experiments on runs.experiment_id = experiments.experiment_id
inner join tags on runs.run_uuid = tags.run_uuid
where tags.key = 'tracker.iteration' and runs.lifecycle_stage = 'active'
order by runs.run_uuid
