-- Grain: one iteration: how long of it lies outside working hours. Inputs: iteration_rows, working_hours (one row).
with stretches as (
    select
        iteration_rows.study,
        iteration_rows.iteration,
        epoch_us(iteration_rows.started_at) as from_us,
        epoch_us(iteration_rows.started_at) + cast(round(iteration_rows.elapsed_seconds * 1e6) as bigint) as until_us
    from iteration_rows
),

local_days as (
    select
        stretches.*,
        cast(
            unnest(
                generate_series(
                    date_trunc('day', timezone(working_hours.zone, make_timestamptz(stretches.from_us))),
                    date_trunc('day', timezone(working_hours.zone, make_timestamptz(stretches.until_us))),
                    interval 1 day
                )
            ) as timestamp
        ) as local_day
    from stretches
    cross join working_hours
),

inside as (
    select
        local_days.study,
        local_days.iteration,
        greatest(
            0,
            least(
                local_days.until_us,
                epoch_us(
                    timezone(working_hours.zone, local_days.local_day + to_microseconds(working_hours.until_us))
                )
            )
            - greatest(
                local_days.from_us,
                epoch_us(timezone(working_hours.zone, local_days.local_day + to_microseconds(working_hours.from_us)))
            )
        ) as inside_us
    from local_days
    cross join working_hours
    where list_contains(working_hours.work_days, isodow(local_days.local_day))
),

added as (
    select
        study,
        iteration,
        cast(sum(inside_us) as bigint) as inside_us
    from inside
    group by study, iteration
)

select
    stretches.study,
    stretches.iteration,
    stretches.until_us - stretches.from_us - coalesce(added.inside_us, 0) as off_us
from stretches
left join added on stretches.study = added.study and stretches.iteration = added.iteration
