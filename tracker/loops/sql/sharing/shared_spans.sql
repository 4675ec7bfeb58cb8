-- Grain: one span without person and free text. Inputs: spans, shared_iterations, shared_names.
-- What is listed here is shared and nothing else: no reason, choice, option, config, and no column that we do not know.
with numbered as (
    select
        spans.*,
        shared_iterations.number,
        shared_iterations.is_scripted,
        shared_iterations.number || '.' || row_number() over (
            partition by spans.study, spans.iteration order by spans.enabled_at, spans.span
        ) as shared_span
    from spans
    inner join shared_iterations
        on spans.study = shared_iterations.study and spans.iteration = shared_iterations.iteration
),

waited as (
    select
        numbered.shared_span,
        trim(unnest(string_split(numbered.after, ';'))) as before
    from numbered
),

afters as (
    select
        waited.shared_span,
        string_agg(coalesce(earlier.shared_span, case when waited.before = '-' then '-' end), ';') as after
    from waited
    left join numbered as earlier on waited.before = earlier.span
    group by waited.shared_span
)

select
    numbered.study,
    numbered.regime,
    numbered.number as iteration,
    case when numbered.is_scripted then numbered.person else '' end as person,
    numbered.shared_span as span,
    coalesce(parents.shared_span, '') as parent,
    numbered.kind,
    case
        when numbered.kind = 'iteration' then numbered.number
        when numbered.kind = 'decision' then 'decision'
        when numbered.is_scripted then numbered.name
        else coalesce(common.name, 'other')
    end as name,
    numbered.enabled_at,
    numbered.started_at,
    numbered.ended_at,
    coalesce(afters.after, '') as after,
    numbered.status,
    numbered.evidence,
    numbered.forecast_seconds,
    numbered.clarity,
    numbered.timed_by,
    numbered.inferred,
    numbered.attempt,
    numbered.ranks,
    case when numbered.is_scripted then numbered.device else devices.name end as device
from numbered
left join numbered as parents on numbered.parent = parents.span
left join afters on numbered.shared_span = afters.shared_span
left join shared_names as common on numbered.kind = common.kind and numbered.name = common.name
left join shared_names as devices on devices.kind = 'device' and numbered.device = devices.name
