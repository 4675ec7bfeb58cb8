-- Grain: one tag that holds spans, in the order of key and run, after ($1, $2), $3 at most.
select
    run_uuid,
    key,
    coalesce(value, '') as value
from tags
where key >= 'tracker.spans/' and key < 'tracker.spans0' and (key, run_uuid) > ($1, $2)
order by key, run_uuid
limit $3
