-- Grain: one stretch of an iteration between two neighbouring changes. Inputs: clipped_spans, bounds.
-- A running sum of openings and endings tells how many phases and jobs (queued or running) are open in it.
with changes as (
    select
        study,
        iteration,
        enabled_us as at_us,
        case when kind = 'phase' then 1 else 0 end as phase_change,
        case when kind = 'job' then 1 else 0 end as job_change
    from clipped_spans
    union all
    select
        study,
        iteration,
        ended_us as at_us,
        case when kind = 'phase' then -1 else 0 end as phase_change,
        case when kind = 'job' then -1 else 0 end as job_change
    from clipped_spans
    union all
    -- Neither opens nor ends anything, and yet parts the queue from the run.
    select
        study,
        iteration,
        started_us as at_us,
        0 as phase_change,
        0 as job_change
    from clipped_spans
    where kind = 'job'
    union all
    select
        study,
        iteration,
        unnest([started_us, until_us]) as at_us,
        0 as phase_change,
        0 as job_change
    from bounds
),

instants as (
    select
        study,
        iteration,
        at_us,
        sum(phase_change) as phase_change,
        sum(job_change) as job_change
    from changes
    group by study, iteration, at_us
),

counted as (
    select
        study,
        iteration,
        at_us as from_us,
        lead(at_us) over following as to_us,
        sum(phase_change) over following as open_phases,
        sum(job_change) over following as open_jobs
    from instants
    window following as (partition by study, iteration order by at_us)
)

select
    study,
    iteration,
    from_us,
    to_us,
    case
        when open_phases > 0 and open_jobs > 0 then 'overlapped'
        when open_phases > 0 then 'active'
        when open_jobs > 0 then 'waiting'
        else 'unattributed'
    end as part
from counted
where to_us is not null
