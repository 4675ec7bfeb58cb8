-- Grain: one job. Inputs: recorded_spans, bounds.
-- Queue = enabled to started; length = started to ended. Overlapping stages count their union: stages + other = length.
with stages as (
    select
        stage.parent,
        stage.name,
        epoch_us(stage.started_at) as started_us,
        coalesce(epoch_us(stage.ended_at), bounds.until_us) as ended_us
    from recorded_spans as stage
    inner join bounds on stage.study = bounds.study and stage.iteration = bounds.iteration
    where stage.kind = 'stage'
),

reaches as (
    select
        parent,
        started_us,
        ended_us,
        max(ended_us) over (
            partition by parent order by started_us, ended_us rows between unbounded preceding and 1 preceding
        ) as reached_us
    from stages
),

unions as (
    select
        parent,
        sum(greatest(0, ended_us - greatest(started_us, coalesce(reached_us, started_us)))) as union_us
    from reaches
    group by parent
),

named_stages as (
    select
        parent,
        name,
        sum(ended_us - started_us) / 1e6 as stage_seconds
    from stages
    group by parent, name
),

stage_maps as (
    select
        parent,
        map_from_entries(list({ 'key': name, 'value': stage_seconds } order by name)) as stage_seconds
    from named_stages
    group by parent
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
    job.config
from recorded_spans as job
left join unions on job.span = unions.parent
left join stage_maps on job.span = stage_maps.parent
where job.kind = 'job'
order by job.study, job.iteration, job.enabled_at, job.span
