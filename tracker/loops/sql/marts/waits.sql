-- Grain: one thing that an iteration waited for while no phase was open: the queue, or a stage of a running job, by
-- name; `other` is what no stage of the job covers. Inputs: named_waits (made by totals.py), which are in order.
-- Identity: the rows of an iteration add up to its waiting seconds.
select
    study,
    regime,
    iteration,
    wait,
    job,
    stage,
    total_us / 1e6 as total_seconds
from named_waits
