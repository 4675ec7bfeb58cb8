-- Rows break the identity: active + waiting + overlapped + unattributed = elapsed, in whole microseconds.
select
    bounds.study,
    bounds.iteration,
    bounds.until_us - bounds.started_us as elapsed_us,
    parts.active_us + parts.waiting_us + parts.overlapped_us + parts.unattributed_us as parts_us
from bounds
left join parts on bounds.loop_number = parts.loop_number
where
    bounds.until_us > bounds.started_us
    and parts.active_us + parts.waiting_us + parts.overlapped_us + parts.unattributed_us
    is distinct from bounds.until_us - bounds.started_us
