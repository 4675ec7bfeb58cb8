-- Grain: one part and name of one iteration. Inputs: named_totals.
select
    loop_number,
    cast(part as varchar) as part,
    name_number,
    cast(sum(total_us) as bigint) as total_us
from named_totals
group by loop_number, part, name_number
