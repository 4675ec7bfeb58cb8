-- Grain: one span, in the columns of the spans table (data/README.md). Inputs: span_rows, the runs' tags.
with regimes as (
    select
        run_uuid,
        max(value) filter (where key = 'tracker.regime') as regime,
        max(value) filter (where key = 'tracker.evidence') as evidence
    from mlflow_tags
    group by run_uuid
),

persons as (
    select
        run_uuid,
        max(person) as person
    from span_rows
    where kind = 'iteration'
    group by run_uuid
)

select
    span_rows.study,
    coalesce(regimes.regime, '') as regime,
    span_rows.iteration,
    coalesce(persons.person, '') as person,
    span_rows.span,
    coalesce(span_rows.parent, '') as parent,
    span_rows.kind,
    coalesce(span_rows.name, '') as name,
    case when span_rows.kind in ('job', 'stage') then 'machine' else 'person' end as resource,
    cast(coalesce(span_rows.enabled_at, span_rows.started_at) as timestamptz) as enabled_at,
    cast(span_rows.started_at as timestamptz) as started_at,
    cast(span_rows.ended_at as timestamptz) as ended_at,
    coalesce(span_rows.after, '') as after,
    lower(span_rows.status) as status,
    lower(coalesce(regimes.evidence, 'measured')) as evidence,
    span_rows.forecast_seconds,
    cast(span_rows.options as varchar) as options,
    span_rows.choice,
    span_rows.reason,
    lower(span_rows.clarity) as clarity,
    span_rows.timed_by,
    span_rows.inferred,
    span_rows.attempt,
    span_rows.device,
    span_rows.ranks,
    cast(span_rows.config as varchar) as config,
    cast(span_rows.last_at as timestamptz) as last_at
from span_rows
left join regimes on span_rows.run_uuid = regimes.run_uuid
left join persons on span_rows.run_uuid = persons.run_uuid
