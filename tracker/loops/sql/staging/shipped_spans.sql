-- Grain: one span, in the columns of the spans table (data/README.md). Inputs: run_chunks, iteration_runs.
with parsed as (
    select
        run_uuid,
        unnest(span_rows) as row_fields
    from run_chunks
    where is_json
),

span_rows as materialized (
    select
        run_uuid,
        unnest(row_fields)
    from parsed
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
    iteration_runs.study,
    coalesce(iteration_runs.regime, '') as regime,
    iteration_runs.iteration,
    coalesce(persons.person, '') as person,
    span_rows.span,
    coalesce(span_rows.parent, '') as parent,
    span_rows.kind,
    coalesce(span_rows.name, '') as name,
    case when span_rows.kind in ('job', 'stage') then 'machine' else 'person' end as resource,
    coalesce(span_rows.enabled_at, span_rows.started_at) as enabled_at,
    span_rows.started_at,
    span_rows.ended_at,
    coalesce(span_rows.after, '') as after,
    lower(span_rows.status) as status,
    lower(coalesce(iteration_runs.evidence, 'measured')) as evidence,
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
    span_rows.last_at
from span_rows
inner join iteration_runs on span_rows.run_uuid = iteration_runs.run_uuid
left join persons on span_rows.run_uuid = persons.run_uuid
