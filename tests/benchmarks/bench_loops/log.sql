-- Grain: one event of the made spans, in the order in which it stands in its trace. Inputs: spans.
with events as (
    select
        iteration as trace,
        name || ' started' as activity,
        started_at as happened_at,
        span
    from spans
    where kind <> 'iteration'
    union all
    select
        iteration as trace,
        name || ' ended' as activity,
        ended_at as happened_at,
        span
    from spans
    where kind in ('phase', 'job', 'stage')
)

select
    trace,
    activity,
    happened_at,
    row_number() over (order by trace, happened_at, activity, span) as place
from events
order by place
