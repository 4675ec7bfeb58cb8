-- Grain: one iteration of one imported table, number $1, whose fingerprint is that of its file, $2.
-- Inputs: spans_by_name.
select distinct
    cast($1 as integer) as source_number,
    cast(coalesce(study, '') as varchar) as study,
    cast(iteration as varchar) as iteration,
    cast($2 as varchar) as fingerprint
from spans_by_name
