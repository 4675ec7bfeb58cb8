-- Grain: one inferred phase: the part of a gap that lies in working hours of one working day, local time.
-- Inputs: gaps, burst_rule.
with days as (
    select
        gaps.*,
        cast(unnest(
            generate_series(
                date_trunc('day', timezone(burst_rule.zone, make_timestamptz(gaps.from_us))),
                date_trunc('day', timezone(burst_rule.zone, make_timestamptz(gaps.until_us))),
                interval 1 day
            )
        ) as timestamp) as local_day
    from gaps
    cross join burst_rule
),

working_days as (
    select
        days.*,
        epoch_us(timezone(burst_rule.zone, days.local_day + to_microseconds(burst_rule.work_from_us))) as opens_us,
        epoch_us(timezone(burst_rule.zone, days.local_day + to_microseconds(burst_rule.work_until_us))) as closes_us
    from days
    cross join burst_rule
    where list_contains(burst_rule.work_days, isodow(days.local_day))
),

parts as (
    select
        study,
        iteration,
        person,
        greatest(from_us, opens_us) as from_us,
        least(until_us, closes_us) as until_us
    from working_days
)

select
    parts.*,
    substr(sha256(concat_ws(chr(31), parts.study, parts.iteration, 'phase', parts.from_us)), 1, 16) as span
from parts
cross join burst_rule
where parts.until_us - parts.from_us >= burst_rule.shortest_us and parts.until_us > parts.from_us
