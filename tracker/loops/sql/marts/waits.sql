-- Grain: one thing that an iteration waited for while no phase was open: the queue, or a stage of a running job, by
-- name; `other` is what no stage of the job covers. Inputs: waits_of_loops, bounds, numbered_names.
-- Identity: the rows of an iteration add up to its waiting seconds.
select
    bounds.study,
    bounds.regime,
    bounds.iteration,
    case when waits_of_loops.stage_number = 0 then 'queue' else 'run' end as wait,
    case when waits_of_loops.stage_number = 0 then '' else job_names.name end as job,
    coalesce(stage_names.name, '') as stage,
    waits_of_loops.total_us / 1e6 as total_seconds
from waits_of_loops
inner join bounds on waits_of_loops.loop_number = bounds.loop_number
inner join numbered_names as job_names on waits_of_loops.name_number = job_names.name_number
left join numbered_names as stage_names on waits_of_loops.stage_number = stage_names.name_number
order by waits_of_loops.loop_number, wait, waits_of_loops.name_number, waits_of_loops.stage_number
