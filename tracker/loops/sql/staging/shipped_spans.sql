-- Grain: one span, in the columns of the spans table (data/README.md); whose it is stands in the iteration's own row
-- alone. Inputs: parsed_spans, iteration_runs. An iteration shipped again with fewer chunks leaves the last ones
-- behind. To be a view: a copy takes longer than all that join anew.
select
    parsed_spans.run_number,
    iteration_runs.study,
    iteration_runs.regime,
    iteration_runs.iteration,
    coalesce(parsed_spans.person, '') as person,
    parsed_spans.span,
    coalesce(parsed_spans.parent, '') as parent,
    parsed_spans.kind,
    coalesce(parsed_spans.name, '') as name,
    case when parsed_spans.kind in ('job', 'stage') then 'machine' else 'person' end as resource,
    coalesce(parsed_spans.enabled_at, parsed_spans.started_at) as enabled_at,
    parsed_spans.started_at,
    parsed_spans.ended_at,
    coalesce(parsed_spans.after, '') as after,
    lower(parsed_spans.status) as status,
    iteration_runs.evidence,
    parsed_spans.forecast_seconds,
    parsed_spans.options,
    parsed_spans.choice,
    parsed_spans.reason,
    lower(parsed_spans.clarity) as clarity,
    parsed_spans.timed_by,
    parsed_spans.inferred,
    parsed_spans.attempt,
    parsed_spans.device,
    parsed_spans.ranks,
    parsed_spans.config,
    parsed_spans.last_at
from parsed_spans
inner join iteration_runs on parsed_spans.run_number = iteration_runs.run_number
where parsed_spans.chunk_number < iteration_runs.chunks
