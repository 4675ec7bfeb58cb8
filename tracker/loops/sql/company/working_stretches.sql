-- Grain: one stretch of working hours, from the first day of any iteration to the last. Inputs: iteration_rows,
-- working_hours (one row). Instants in microseconds.
with reach as (
    select
        min(started_at) as first_at,
        max(make_timestamptz(epoch_us(started_at) + cast(round(elapsed_seconds * 1e6) as bigint))) as last_at
    from iteration_rows
),

local_days as (
    select
        working_hours.*,
        cast(
            unnest(
                generate_series(
                    date_trunc('day', timezone(working_hours.zone, reach.first_at)),
                    date_trunc('day', timezone(working_hours.zone, reach.last_at)),
                    interval 1 day
                )
            ) as timestamp
        ) as local_day
    from reach
    cross join working_hours
)

select
    epoch_us(timezone(zone, local_day + to_microseconds(from_us))) as from_us,
    epoch_us(timezone(zone, local_day + to_microseconds(until_us))) as until_us
from local_days
where list_contains(work_days, isodow(local_day))
