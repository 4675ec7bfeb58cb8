-- Rows are those of a spans table that say too little to be a span: no iteration, id or kind, or no instant at all.
-- Inputs: spans_of_table.
select
    iteration,
    span,
    kind,
    name,
    cast(enabled_at as varchar) as enabled_at,
    cast(ended_at as varchar) as ended_at
from spans_of_table
where
    coalesce(iteration, '') = ''
    or coalesce(span, '') = ''
    or coalesce(kind, '') = ''
    or enabled_at is null
