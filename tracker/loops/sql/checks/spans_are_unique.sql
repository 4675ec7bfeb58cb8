-- Rows are span ids that stand more than once.
select
    span,
    count(*) as times
from recorded_spans
group by span
having count(*) > 1
