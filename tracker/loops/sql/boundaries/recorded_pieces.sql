-- Grain: one recorded iteration, as it was recorded. Inputs: iterations (mart).
select
    study,
    iteration,
    iteration as piece,
    epoch_us(started_at) as from_us,
    epoch_us(started_at) + cast(round(elapsed_seconds * 1e6) as bigint) as until_us,
    status,
    cast(null as bigint) as own_until_us,
    true as is_first,
    true as is_last,
    true as is_named
from iterations
