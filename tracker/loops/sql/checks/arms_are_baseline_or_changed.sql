-- Rows are arms of an iteration that are no arm.
select
    study,
    iteration,
    tool,
    arm
from tool_arms
where arm not in ('baseline', 'changed')
