-- Grain: one job. Inputs: recorded_spans, bounds, rerun_jobs.
-- Queue = enabled to started; length = started to ended. Stages count within their job only, so that one that reaches
-- beyond it is cut and a job that has not started has none. Overlapping stages count their union:
-- stages + other = length, and other >= 0.
with job_spans as materialized (
    select
        row_number() over () as job_number,
        study,
        regime,
        iteration,
        span,
        name,
        device,
        status,
        enabled_at,
        started_at,
        ended_at,
        timed_by,
        config,
        attempt
    from recorded_spans
    where kind = 'job'
),

all_stages as materialized (
    select
        job_spans.job_number,
        stage.name,
        epoch_us(greatest(stage.started_at, job_spans.started_at)) as started_us,
        -- The earlier end that is known; `least` passes over NULL.
        epoch_us(least(stage.ended_at, job_spans.ended_at)) as known_us,
        stage.ended_at is null or job_spans.ended_at is null as is_unfinished
    from recorded_spans as stage
    inner join job_spans
        on
            stage.parent = job_spans.span
            and stage.study = job_spans.study
            and stage.iteration = job_spans.iteration
    where stage.kind = 'stage' and stage.started_at is not null and job_spans.started_at is not null
),

-- What is unfinished, a stage or its job, lasts until the iteration's end.
stages as materialized (
    select
        job_number,
        name,
        started_us,
        greatest(started_us, known_us) as ended_us
    from all_stages
    where not is_unfinished
    union all
    select
        all_stages.job_number,
        all_stages.name,
        all_stages.started_us,
        greatest(all_stages.started_us, least(all_stages.known_us, bounds.until_us)) as ended_us
    from all_stages
    inner join job_spans on all_stages.job_number = job_spans.job_number
    inner join bounds on job_spans.study = bounds.study and job_spans.iteration = bounds.iteration
    where all_stages.is_unfinished
),

reaches as (
    select
        job_number,
        started_us,
        ended_us,
        max(ended_us) over (
            partition by job_number order by started_us, ended_us rows between unbounded preceding and 1 preceding
        ) as reached_us
    from stages
),

unions as (
    select
        job_number,
        cast(sum(greatest(0, ended_us - greatest(started_us, coalesce(reached_us, started_us)))) as bigint) as union_us
    from reaches
    group by job_number
),

named_stages as (
    select
        job_number,
        name,
        cast(sum(ended_us - started_us) as bigint) / 1e6 as stage_seconds
    from stages
    group by job_number, name
),

stage_maps as (
    select
        job_number,
        map_from_entries(list_sort(list({ 'key': name, 'value': stage_seconds }))) as stage_seconds
    from named_stages
    group by job_number
)

select
    job.study,
    job.regime,
    job.iteration,
    job.span,
    job.name,
    job.device,
    job.status,
    job.enabled_at,
    job.started_at,
    job.ended_at,
    (epoch_us(job.started_at) - epoch_us(job.enabled_at)) / 1e6 as queue_seconds,
    (epoch_us(job.ended_at) - epoch_us(job.started_at)) / 1e6 as job_length_seconds,
    (epoch_us(job.ended_at) - epoch_us(job.started_at) - coalesce(unions.union_us, 0)) / 1e6 as other_seconds,
    stage_maps.stage_seconds,
    job.timed_by,
    job.config,
    coalesce(job.attempt, 1) as attempt,
    rerun_jobs.span is not null as is_rerun
from job_spans as job
left join unions on job.job_number = unions.job_number
left join stage_maps on job.job_number = stage_maps.job_number
left join rerun_jobs on job.span = rerun_jobs.span
order by job.study, job.iteration, job.enabled_at, job.span
