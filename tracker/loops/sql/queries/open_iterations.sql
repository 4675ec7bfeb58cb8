-- Grain: one iteration that has not ended, silent for the longest time first. Inputs: chosen (rows of the mart
-- iterations). `silent_seconds` counts from its last event to the last event of all that were chosen.
with reached as (
    select
        *,
        started_at + to_microseconds(cast(round(elapsed_seconds * 1e6) as bigint)) as last_at
    from chosen
),

newest as (
    select max(last_at) as last_at
    from reached
)

select
    reached.study,
    reached.regime,
    reached.iteration,
    reached.name,
    reached.evidence,
    reached.is_scripted,
    reached.started_at,
    reached.last_at,
    reached.elapsed_seconds,
    reached.active_seconds,
    reached.waiting_seconds,
    reached.overlapped_seconds,
    reached.unattributed_seconds,
    reached.jobs,
    reached.decision_points,
    (epoch_us(newest.last_at) - epoch_us(reached.last_at)) / 1e6 as silent_seconds
from reached
cross join newest
where reached.status = 'open'
order by reached.last_at, reached.study, reached.iteration
