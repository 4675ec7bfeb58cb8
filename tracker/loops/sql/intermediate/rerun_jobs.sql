-- Grain: one job that ran again: a later attempt, or of a name and config that its iteration ran before.
-- Inputs: recorded_spans.
with repeated as (
    select
        study,
        iteration,
        name,
        config,
        arg_min(span, (started_at, span)) as first_span
    from recorded_spans
    where kind = 'job' and config <> ''
    group by study, iteration, name, config
    having count(*) > 1
)

select
    study,
    iteration,
    span
from recorded_spans
where kind = 'job' and attempt > 1
union
select
    job.study,
    job.iteration,
    job.span
from recorded_spans as job
inner join repeated
    on
        job.study = repeated.study
        and job.iteration = repeated.iteration
        and job.name = repeated.name
        and job.config = repeated.config
where job.kind = 'job' and job.span <> repeated.first_span
