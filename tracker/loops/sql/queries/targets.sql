-- Grain: one target that a tooling change could act on, as `scale` names it. Inputs: chosen (rows of the mart spans).
-- Order: jobs, phases and queue as wholes first, then by the seconds that each takes.
with lengths as (
    select
        kind,
        name,
        coalesce(epoch_us(ended_at) - epoch_us(started_at), 0) / 1e6 as span_seconds,
        coalesce(epoch_us(started_at) - epoch_us(enabled_at), 0) / 1e6 as queue_seconds
    from chosen
    where kind in ('phase', 'job', 'stage')
),

targets as (
    select
        kind as target,
        case kind when 'job' then 0 else 1 end as place,
        sum(span_seconds) as total_seconds
    from lengths
    where kind in ('phase', 'job')
    group by kind
    union all
    select
        'queue' as target,
        2 as place,
        sum(queue_seconds) as total_seconds
    from lengths
    where kind = 'job'
    having sum(queue_seconds) > 0
    union all
    select
        kind || ':' || name as target,
        3 as place,
        sum(span_seconds) as total_seconds
    from lengths
    where name <> ''
    group by kind, name
)

select
    target,
    total_seconds
from targets
order by place asc, total_seconds desc, target asc
