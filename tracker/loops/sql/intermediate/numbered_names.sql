-- Grain: one name that time can belong to. Inputs: recorded_spans. Numbered in alphabetical order, so that running sums
-- can tell names and sorting by number is sorting by name. '' is nobody's time, 'queue' that of queued jobs, 'other'
-- what no stage of a job covers.
with names as (
    select distinct name
    from recorded_spans
    where kind in ('phase', 'job', 'stage')
    union
    select unnest(['', 'queue', 'other']) as name
)

select
    cast(row_number() over (order by name) as integer) as name_number,
    name
from names
