-- Grain: one wait of an iteration that reaches into the last seven days on record, longest first: for what, how long.
-- Inputs: chosen (rows of the mart iterations), phase_totals. The days end with the last event of the chosen ones.
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
    reached.name as iteration_name,
    reached.started_at,
    reached.status,
    reached.evidence,
    reached.is_scripted,
    phase_totals.name as waited_for,
    phase_totals.total_seconds as waiting_seconds
from reached
cross join newest
inner join phase_totals on reached.study = phase_totals.study and reached.iteration = phase_totals.iteration
where
    phase_totals.part = 'waiting'
    and phase_totals.total_seconds > 0
    and reached.last_at > newest.last_at - interval 7 days
order by phase_totals.total_seconds desc, reached.study asc, reached.iteration asc, phase_totals.name asc
