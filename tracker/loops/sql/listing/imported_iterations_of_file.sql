-- Grain: one iteration of an imported table. Inputs: spans_by_name.
select distinct
    cast(coalesce(study, '') as varchar) as study,
    cast(iteration as varchar) as iteration
from spans_by_name
