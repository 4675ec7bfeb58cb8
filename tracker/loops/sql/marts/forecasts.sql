-- Grain: one iteration whose length was forecast before it began. Inputs: bounds.
select
    study,
    regime,
    iteration,
    make_timestamptz(started_us) as started_at,
    status,
    forecast_seconds,
    case when ended_us is not null then (ended_us - started_us) / 1e6 end as elapsed_seconds
from bounds
where forecast_seconds is not null
order by study, started_us, iteration
