-- Rows are those of a spans table with an instant outside the years 1 to 9999, or a forecast that is no length of time.
-- Inputs: spans_of_table.
select
    iteration,
    span,
    cast(enabled_at as varchar) as enabled_at,
    cast(started_at as varchar) as started_at,
    cast(ended_at as varchar) as ended_at,
    cast(last_at as varchar) as last_at,
    forecast_seconds
from spans_of_table
where
    not (enabled_at between timestamptz '0001-01-01 00:00:00+00' and timestamptz '9999-12-31 23:59:59+00')
    or not (started_at between timestamptz '0001-01-01 00:00:00+00' and timestamptz '9999-12-31 23:59:59+00')
    or not (ended_at between timestamptz '0001-01-01 00:00:00+00' and timestamptz '9999-12-31 23:59:59+00')
    or not (last_at between timestamptz '0001-01-01 00:00:00+00' and timestamptz '9999-12-31 23:59:59+00')
    or not isfinite(forecast_seconds)
    or forecast_seconds < 0
