-- Grain: one tracker tag of one iteration run. Read through ADBC, so in SQL that SQLite and PostgreSQL share.
select
    tags.run_uuid,
    tags.key,
    tags.value
from tags
inner join tags as identity_tags on tags.run_uuid = identity_tags.run_uuid
where identity_tags.key = 'tracker.iteration' and tags.key like 'tracker.%'
order by tags.run_uuid, tags.key
