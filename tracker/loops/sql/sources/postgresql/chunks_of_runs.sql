-- Grain: one tag that holds spans, of the runs whose ids are the JSON array $1.
select
    tags.run_uuid,
    tags.key,
    coalesce(tags.value, '') as value
from json_array_elements_text(cast($1 as json)) as wanted
inner join tags on wanted.value = tags.run_uuid
where tags.key like 'tracker.spans/%'
