-- Grain: one tag that holds spans, of the runs whose ids are the JSON array $1.
select
    tags.run_uuid,
    tags.key,
    coalesce(tags.value, '') as value
from json_each($1) as wanted
inner join tags on wanted.value = tags.run_uuid
where tags.key >= 'tracker.spans/' and tags.key < 'tracker.spans0'
