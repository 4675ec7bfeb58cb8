-- Grain: one iteration. Inputs: timed_spans. What its spans reach over and add up to, in one pass; microseconds.
select
    loop_number,
    min(enabled_us) as first_us,
    max(greatest(enabled_us, coalesce(ended_us, started_us))) as last_us,
    bool_or(ended_us is null) as has_unfinished,
    coalesce(bool_or(started_us < enabled_us or ended_us < started_us), false) as is_reversed,
    bool_or(kind = 'iteration') as has_row,
    count(*) filter (where kind <> 'iteration') as spans,
    count(*) filter (where kind = 'job') as jobs,
    count(*) filter (where kind = 'job' and is_failed) as failed_jobs,
    count(*) filter (where kind = 'decision') as decision_points,
    count(*) filter (where kind = 'decision' and is_murky) as murky_decision_points,
    sum(ended_us - started_us) filter (where kind = 'job') as job_us,
    sum(started_us - enabled_us) filter (where kind = 'job') as queue_us
from timed_spans
group by loop_number
