-- Grain: one active run that bears an iteration's tag, in the order of ids, from the one after $1 on, $2 at most.
-- Read through ADBC, so in SQL that SQLite and PostgreSQL share.
select
    runs.run_uuid,
    experiments.name as study,
    tags.value as iteration,
    runs.start_time as started_ms
from tags
inner join runs on tags.run_uuid = runs.run_uuid
inner join experiments on runs.experiment_id = experiments.experiment_id
where
    tags.key = 'tracker.iteration' and tags.value <> ''
    and runs.lifecycle_stage = 'active' and tags.run_uuid > $1
order by tags.run_uuid
limit $2
