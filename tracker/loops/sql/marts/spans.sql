-- Grain: one span; the spans table without its tool columns, which are rows of `arms`.
-- Inputs: recorded_spans. Identity: `span` is unique.
select
    study,
    regime,
    iteration,
    person,
    span,
    parent,
    kind,
    name,
    resource,
    enabled_at,
    started_at,
    ended_at,
    after,
    status,
    evidence,
    forecast_seconds,
    options,
    choice,
    reason,
    clarity,
    timed_by,
    inferred,
    attempt,
    device,
    ranks,
    config
from recorded_spans
order by study, iteration, enabled_at, span
