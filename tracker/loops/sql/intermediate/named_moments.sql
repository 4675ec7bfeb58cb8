-- Grain: one stretch of an iteration, named for what the time belongs to. Inputs: moments, clipped_spans.
-- Active and overlapped time belongs to the phase opened last; waiting to the running job started last, and to the
-- queue where no job is running.
with covering as (
    select
        moments.study,
        moments.iteration,
        moments.from_us,
        arg_max(clipped_spans.name, clipped_spans.started_us)
        filter (where clipped_spans.kind = 'phase') as phase,
        arg_max(clipped_spans.name, clipped_spans.started_us)
        filter (where clipped_spans.kind = 'job' and clipped_spans.started_us <= moments.from_us) as running
    from moments
    inner join clipped_spans
        on
            moments.study = clipped_spans.study
            and moments.iteration = clipped_spans.iteration
            and moments.from_us >= clipped_spans.enabled_us
            and moments.to_us <= clipped_spans.ended_us
            and moments.from_us < clipped_spans.ended_us
    group by moments.study, moments.iteration, moments.from_us
)

select
    moments.study,
    moments.iteration,
    moments.part,
    moments.to_us - moments.from_us as length_us,
    case
        when moments.part in ('active', 'overlapped') then covering.phase
        when moments.part = 'waiting' then coalesce(covering.running, 'queue')
        else ''
    end as name
from moments
left join covering
    on
        moments.study = covering.study
        and moments.iteration = covering.iteration
        and moments.from_us = covering.from_us
