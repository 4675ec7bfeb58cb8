-- Grain: one phase, job or stage of the iterations from number $1 on, before number $2; not of those of which
-- nobody knows when they began. Inputs: clipped_spans.
select
    loop_number,
    kind_number,
    name_number,
    enabled_us,
    started_us,
    ended_us
from clipped_spans
where loop_number >= $1 and loop_number < $2 and started_us is not null
