-- Grain: one stage of one job, by name, or the queue (stage 0), that an iteration waited for. Inputs: named_totals.
select
    loop_number,
    name_number,
    stage_number,
    total_us
from named_totals
where part = 'waiting'
