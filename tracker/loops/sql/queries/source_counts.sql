-- Grain: one place that iterations of a snapshot were taken from. Inputs: chosen (rows of a snapshot's sources).
select
    source,
    count(*) as iterations
from chosen
group by source
order by source
