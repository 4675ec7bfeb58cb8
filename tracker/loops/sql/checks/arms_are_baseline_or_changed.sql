-- Rows are arms of an iteration that are no arm, or two arms of one tool at once.
select
    study,
    iteration,
    tool,
    list(distinct arm) as arms
from tool_arms
group by study, iteration, tool
having count(distinct arm) > 1 or bool_or(arm not in ('baseline', 'changed'))
