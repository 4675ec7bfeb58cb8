-- Grain: one span; the spans table without its tool columns, which are rows of `arms`.
-- Inputs: owned_spans. Identity: `span` is unique. Columns that an import brought and we do not know come last.
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
    case when ended_at is null then last_at end as last_at,
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
    config,
    * exclude (
        study, regime, iteration, person, span, parent, kind, name, resource, enabled_at, started_at, ended_at, after,
        status, evidence, forecast_seconds, options, choice, reason, clarity, timed_by, inferred, attempt, device,
        ranks, config, last_at, run_number
    )
from owned_spans
