-- Grain: one phase, job or stage, cut to its iteration; what is unfinished lasts until the iteration's end, and a job
-- that has not started is queued until then. Inputs: timed_spans, bounds.
with within as (
    select
        timed_spans.loop_number,
        timed_spans.kind,
        timed_spans.name_number,
        bounds.until_us,
        timed_spans.started_us,
        least(greatest(timed_spans.enabled_us, bounds.started_us), bounds.until_us) as enabled_us,
        least(coalesce(timed_spans.ended_us, bounds.until_us), bounds.until_us) as ended_us
    from timed_spans
    inner join bounds on timed_spans.loop_number = bounds.loop_number
    where timed_spans.kind in ('phase', 'job', 'stage') and bounds.started_us is not null
)

select
    loop_number,
    name_number,
    enabled_us,
    cast(case kind when 'phase' then 0 when 'job' then 1 else 2 end as tinyint) as kind_number,
    greatest(enabled_us, ended_us) as ended_us,
    -- A phase is open from its first instant on, also where a table from elsewhere says that it started later.
    case
        when kind = 'phase' then enabled_us
        else least(greatest(coalesce(started_us, ended_us), enabled_us), greatest(enabled_us, ended_us))
    end as started_us
from within
