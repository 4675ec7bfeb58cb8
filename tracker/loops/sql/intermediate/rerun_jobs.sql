-- Grain: one job that ran again: a later attempt, or of a name and config that its iteration ran before.
-- Inputs: recorded_spans.
with job_spans as materialized (
    select
        study,
        iteration,
        span,
        name,
        config,
        started_at,
        attempt
    from recorded_spans
    where kind = 'job' and (attempt > 1 or config <> '')
),

repeated as (
    select
        study,
        iteration,
        name,
        config,
        arg_min(span, (started_at, span)) as first_span
    from job_spans
    where config <> ''
    group by study, iteration, name, config
    having count(*) > 1
)

select
    study,
    iteration,
    span
from job_spans
where attempt > 1
union
select
    job_spans.study,
    job_spans.iteration,
    job_spans.span
from job_spans
inner join repeated
    on
        job_spans.study = repeated.study
        and job_spans.iteration = repeated.iteration
        and job_spans.name = repeated.name
        and job_spans.config = repeated.config
where job_spans.span <> repeated.first_span
