-- Grain: one pair of activities that follow each other in a trace (an iteration), with how often and the mean seconds
-- between them. Inputs: events (trace, activity, happened_at, place): what PM4Py calls the performance DFG.
with followed as (
    select
        activity,
        happened_at,
        lead(activity) over in_trace as next_activity,
        lead(happened_at) over in_trace as next_at
    from events
    window in_trace as (partition by trace order by happened_at, place)
)

select
    activity,
    next_activity,
    count(*) as times,
    avg(epoch_us(next_at) - epoch_us(happened_at)) / 1e6 as mean_seconds
from followed
where next_activity is not null
group by activity, next_activity
order by activity, next_activity
