-- Grain: one tracker tag of a run, but for the spans. The table itself is walked through once: by way of the index each
-- row is looked up in it by itself, which takes twice as long. SQLite uses no index on `+key`.
select
    run_uuid,
    key,
    coalesce(value, '') as value
from tags
where +key >= 'tracker.' and +key < 'tracker/' and not (+key >= 'tracker.spans/' and +key < 'tracker.spans0')
