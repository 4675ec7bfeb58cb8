-- Grain: one tracker tag of a run, but for the spans. In PostgreSQL a reader holds up no writer: all at once.
select
    run_uuid,
    key,
    coalesce(value, '') as value
from tags
where key like 'tracker.%' and key not like 'tracker.spans/%'
