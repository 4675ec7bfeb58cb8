-- Grain: one iteration that has a length. Inputs: named_totals.
-- The four parts in microseconds; they add up to the elapsed time. Of waiting, that for the queue alone.
select
    loop_number,
    cast(coalesce(sum(total_us) filter (where part = 'active'), 0) as bigint) as active_us,
    cast(coalesce(sum(total_us) filter (where part = 'waiting'), 0) as bigint) as waiting_us,
    cast(coalesce(sum(total_us) filter (where part = 'overlapped'), 0) as bigint) as overlapped_us,
    cast(coalesce(sum(total_us) filter (where part = 'unattributed'), 0) as bigint) as unattributed_us,
    cast(coalesce(sum(total_us) filter (where part = 'waiting' and stage_number = 0), 0) as bigint) as queue_us
from named_totals
group by loop_number
