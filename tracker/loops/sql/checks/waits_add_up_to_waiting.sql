-- Rows break the identity: what an iteration waited for adds up to its waiting seconds, in whole microseconds.
with waited as (
    select
        loop_number,
        sum(total_us) as total_us
    from named_waits
    group by loop_number
)

select
    bounds.study,
    bounds.iteration,
    parts.waiting_us,
    waited.total_us
from parts
inner join bounds on parts.loop_number = bounds.loop_number
left join waited on parts.loop_number = waited.loop_number
where parts.waiting_us <> coalesce(waited.total_us, 0)
