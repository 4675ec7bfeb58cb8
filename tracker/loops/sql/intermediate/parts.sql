-- Grain: one iteration. Inputs: moments. The four parts in microseconds; they add up to the elapsed time.
select
    study,
    iteration,
    coalesce(sum(to_us - from_us) filter (where part = 'active'), 0) as active_us,
    coalesce(sum(to_us - from_us) filter (where part = 'waiting'), 0) as waiting_us,
    coalesce(sum(to_us - from_us) filter (where part = 'overlapped'), 0) as overlapped_us,
    coalesce(sum(to_us - from_us) filter (where part = 'unattributed'), 0) as unattributed_us
from moments
group by study, iteration
