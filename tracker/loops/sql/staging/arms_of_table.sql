-- Grain: one tooling change of one iteration. Inputs: spans_by_name with a `tool.NAME` column.
-- All spans of an iteration bear its arms: they are put together before each tool becomes a row.
with arm_rows as (
    select distinct
        study,
        iteration,
        columns('(?i)^tool\..+')
    from spans_by_name
),

arm_cells as (
    unpivot arm_rows
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
