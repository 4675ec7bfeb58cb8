-- Rows are span ids that stand more than once, and the iterations in which they do. Inputs: span_ids.
select
    span,
    count(*) as times,
    list(distinct concat_ws('/', nullif(study, ''), iteration) order by concat_ws('/', nullif(study, ''), iteration))
        as iterations
from span_ids
group by span
having count(*) > 1
order by span
