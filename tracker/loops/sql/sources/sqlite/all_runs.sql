-- Grain: one active run, whether it bears an iteration's tag or not: the tags are read as a whole, and looking each up
-- again here takes longer.
select
    runs.run_uuid,
    experiments.name as study,
    runs.start_time as started_ms
from runs
inner join experiments on runs.experiment_id = experiments.experiment_id
where runs.lifecycle_stage = 'active'
