-- Grain: one tag that holds spans.
select
    run_uuid,
    key,
    coalesce(value, '') as value
from tags
where key like 'tracker.spans/%'
