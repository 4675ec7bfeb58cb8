-- Grain: one tracker tag of a run, but for the spans, in the order of key and run, after ($1, $2), $3 at most.
-- The primary key's index is in that order; '/' and '0' follow each other in ASCII.
select
    run_uuid,
    key,
    coalesce(value, '') as value
from tags
where
    key >= 'tracker.' and key < 'tracker/' and not (key >= 'tracker.spans/' and key < 'tracker.spans0')
    and (key, run_uuid) > ($1, $2)
order by key, run_uuid
limit $3
