-- Grain: one tooling change of one iteration. Inputs: spans_by_name with a `tool.NAME` column.
with arm_cells as (
    unpivot spans_by_name
    on columns('(?i)^tool\..+')
    into
    name tool_column
    value arm
)

select distinct
    cast(coalesce(study, '') as varchar) as study,
    cast(iteration as varchar) as iteration,
    lower(cast(arm as varchar)) as arm,
    substr(tool_column, length('tool.') + 1) as tool
from arm_cells
where arm <> ''
