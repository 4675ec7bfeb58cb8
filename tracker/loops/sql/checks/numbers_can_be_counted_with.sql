-- Rows are those of a spans table with an instant outside the years 1 to 9999, or a forecast that is no length of time.
-- Inputs: spans_of_table. `least` and `greatest` pass over instants that are not there.
select
    iteration,
    span,
    cast(least(enabled_at, started_at, ended_at, last_at) as varchar) as earliest_at,
    cast(greatest(enabled_at, started_at, ended_at, last_at) as varchar) as latest_at,
    forecast_seconds
from spans_of_table
where
    least(enabled_at, started_at, ended_at, last_at) < timestamptz '0001-01-01 00:00:00+00'
    or greatest(enabled_at, started_at, ended_at, last_at) >= timestamptz '10000-01-01 00:00:00+00'
    or not isfinite(forecast_seconds)
    or forecast_seconds < 0
