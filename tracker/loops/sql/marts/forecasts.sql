-- Grain: one iteration whose length was forecast before it began. Inputs: iterations (the mart).
select
    study,
    regime,
    iteration,
    started_at,
    status,
    forecast_seconds,
    case when ended_at is not null then elapsed_seconds end as elapsed_seconds
from iterations
where forecast_seconds is not null
