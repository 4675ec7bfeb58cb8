-- Grain: one span, typed; columns that we do not know follow as text. Inputs: spans_by_name.
select
    cast(coalesce(study, '') as varchar) as study,
    cast(coalesce(regime, '') as varchar) as regime,
    cast(iteration as varchar) as iteration,
    cast(coalesce(person, '') as varchar) as person,
    cast(span as varchar) as span,
    cast(coalesce(parent, '') as varchar) as parent,
    lower(cast(kind as varchar)) as kind,
    cast(coalesce(name, '') as varchar) as name,
    case when lower(cast(kind as varchar)) in ('job', 'stage') then 'machine' else 'person' end as resource,
    coalesce(cast(enabled_at as timestamptz), cast(started_at as timestamptz)) as enabled_at,
    cast(started_at as timestamptz) as started_at,
    cast(ended_at as timestamptz) as ended_at,
    cast(coalesce(after, '') as varchar) as after,
    lower(coalesce(nullif(cast(status as varchar), ''), case when ended_at is null then 'open' else 'finished' end))
        as status,
    lower(coalesce(nullif(cast(evidence as varchar), ''), 'imported')) as evidence,
    cast(forecast_seconds as double) as forecast_seconds,
    cast(options as varchar) as options,
    cast(choice as varchar) as choice,
    cast(reason as varchar) as reason,
    lower(cast(clarity as varchar)) as clarity,
    cast(timed_by as varchar) as timed_by,
    cast(inferred as boolean) as inferred,
    cast(attempt as integer) as attempt,
    cast(device as varchar) as device,
    cast(ranks as integer) as ranks,
    cast(config as varchar) as config,
    cast(last_at as timestamptz) as last_at,
    cast(null as integer) as run_number,
    * exclude (
        study, regime, iteration, person, span, parent, kind, name, resource, enabled_at, started_at, ended_at, last_at,
        after, status, evidence, forecast_seconds, options, choice, reason, clarity, timed_by, inferred, attempt,
        device, ranks, config
    )
from spans_by_name
