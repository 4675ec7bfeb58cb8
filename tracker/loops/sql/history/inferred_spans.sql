-- Grain: one span, in columns of the spans table (data/README.md). Inputs: placed_jobs, inferred_phases, chained_jobs,
-- step_records. Iterations and phases are inferred; jobs and their stages are what was recorded elsewhere.
with extents as (
    select
        study,
        iteration,
        min(regime) as regime,
        min(person) as person,
        min(enabled_us) as from_us,
        max(coalesce(ended_us, started_us, enabled_us)) as until_us,
        bool_or(is_job and ended_us is null) as is_open,
        arg_min(name, (launched_us, job)) filter (where is_job) as name,
        count(*) filter (where is_job) as jobs
    from placed_jobs
    group by study, iteration
),

began as (
    select
        study,
        iteration,
        min(from_us) as from_us
    from inferred_phases
    group by study, iteration
),

iterations as (
    select
        extents.study,
        extents.regime,
        extents.iteration,
        extents.person,
        extents.iteration as span,
        '' as parent,
        'iteration' as kind,
        extents.name || case when extents.jobs > 1 then ' and ' || (extents.jobs - 1) || ' more' else '' end as name,
        least(extents.from_us, coalesce(began.from_us, extents.from_us)) as enabled_us,
        enabled_us as started_us,
        case when not extents.is_open then extents.until_us end as ended_us,
        '' as after,
        case when extents.is_open then 'open' else 'finished' end as status,
        true as inferred
    from extents
    left join began on extents.study = began.study and extents.iteration = began.iteration
),

phases as (
    select
        inferred_phases.study,
        extents.regime,
        inferred_phases.iteration,
        inferred_phases.person,
        inferred_phases.span,
        '' as parent,
        'phase' as kind,
        'between-jobs' as name,
        inferred_phases.from_us as enabled_us,
        inferred_phases.from_us as started_us,
        inferred_phases.until_us as ended_us,
        '' as after,
        'finished' as status,
        true as inferred
    from inferred_phases
    inner join extents
        on inferred_phases.study = extents.study and inferred_phases.iteration = extents.iteration
),

jobs as (
    select
        placed_jobs.study,
        placed_jobs.regime,
        placed_jobs.iteration,
        placed_jobs.person,
        placed_jobs.span,
        '' as parent,
        'job' as kind,
        placed_jobs.name,
        placed_jobs.enabled_us,
        placed_jobs.started_us,
        placed_jobs.ended_us,
        case when inferred_phases.span is null then coalesce(chained_jobs.last_ended, '') else '' end as after,
        placed_jobs.status,
        cast(null as boolean) as inferred,
        placed_jobs.attempt,
        placed_jobs.device,
        placed_jobs.ranks,
        placed_jobs.config,
        placed_jobs.state
    from placed_jobs
    left join chained_jobs on placed_jobs.span = chained_jobs.span
    left join inferred_phases
        on
            placed_jobs.study = inferred_phases.study
            and placed_jobs.iteration = inferred_phases.iteration
            and placed_jobs.enabled_us = inferred_phases.until_us
    where placed_jobs.is_job
),

stages as (
    select
        jobs.study,
        jobs.regime,
        jobs.iteration,
        jobs.person,
        substr(sha256(concat_ws(chr(31), jobs.span, step_records.step)), 1, 16) as span,
        jobs.span as parent,
        'stage' as kind,
        step_records.name,
        step_records.started_us as enabled_us,
        step_records.started_us,
        step_records.ended_us,
        '' as after,
        step_records.status,
        cast(null as boolean) as inferred
    from step_records
    inner join placed_jobs on step_records.study = placed_jobs.study and step_records.job = placed_jobs.job
    inner join jobs on placed_jobs.span = jobs.span
),

every_span as (
    select * from iterations
    union all by name
    select * from phases
    union all by name
    select * from jobs
    union all by name
    select * from stages
)

select
    * exclude (enabled_us, started_us, ended_us),
    'imported' as evidence,
    make_timestamptz(enabled_us) as enabled_at,
    make_timestamptz(started_us) as started_at,
    make_timestamptz(ended_us) as ended_at
from every_span
order by study, iteration, enabled_at, span
