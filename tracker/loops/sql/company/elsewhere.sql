-- Grain: one iteration in company: how long it was waiting while its person was at work on another one.
-- Inputs: job_stretches, busy_stretches, companions.
-- Whatever phase is open while an iteration waits is another one's, since waiting means that none of its own is. So:
-- the time in which it has a job and the person any phase, less the time in which that phase is its own (overlapped).
with edges as (
    select
        timeline,
        study,
        iteration,
        from_us as at_us,
        -1 as sign
    from job_stretches
    union all
    select
        timeline,
        study,
        iteration,
        until_us as at_us,
        1 as sign
    from job_stretches
),

busy_until as (
    select
        edges.study,
        edges.iteration,
        edges.sign,
        coalesce(
            busy_stretches.before_us + least(edges.at_us, busy_stretches.until_us) - busy_stretches.from_us, 0
        ) as busy_us
    from edges
    asof left join busy_stretches
        on edges.timeline = busy_stretches.timeline and edges.at_us >= busy_stretches.from_us
),

jobs_beside_phases as (
    select
        study,
        iteration,
        cast(sum(sign * busy_us) as bigint) as beside_us
    from busy_until
    group by study, iteration
)

select
    companions.study,
    companions.iteration,
    coalesce(jobs_beside_phases.beside_us, 0) - companions.overlapped_us as elsewhere_us
from companions
left join jobs_beside_phases
    on companions.study = jobs_beside_phases.study and companions.iteration = jobs_beside_phases.iteration
where coalesce(jobs_beside_phases.beside_us, 0) > companions.overlapped_us
