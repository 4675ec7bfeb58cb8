-- Grain: one row. Inputs: iterations (the mart). The last event that any of them includes, in microseconds.
select
    count(*) as iterations,
    max(epoch_us(started_at) + cast(round(elapsed_seconds * 1e6) as bigint)) as watermark_us
from iterations
