-- Rows are tools of which an iteration has two arms at once.
select
    study,
    iteration,
    tool,
    list(distinct arm) as arms
from tool_arms
group by study, iteration, tool
having count(distinct arm) > 1
