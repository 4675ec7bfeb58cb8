-- Grain: one iteration's own row that nobody recorded, where a piece is not that iteration as it was recorded.
-- Inputs: iterations, spans (marts), pieces. Without a row a piece would reach no further than its spans, and would not
-- know that what was joined to it was killed. `span` is that of another, from which moved_spans.sql makes its id.
with moved as (
    select
        study,
        iteration,
        is_named,
        count(*) over (partition by study, piece) > 1 or count(*) over (partition by study, iteration) > 1 as is_moved
    from pieces
),

named as (
    select distinct
        study,
        iteration
    from moved
    where is_named and is_moved
),

rowless as (
    select
        study,
        iteration,
        min(span) as span
    from spans
    group by study, iteration
    having count(*) filter (where kind = 'iteration') = 0
)

select
    iterations.study,
    iterations.regime,
    iterations.iteration,
    iterations.person,
    rowless.span,
    '' as parent,
    'iteration' as kind,
    iterations.name,
    'person' as resource,
    iterations.started_at as enabled_at,
    iterations.started_at,
    iterations.ended_at,
    '' as after,
    iterations.status,
    iterations.evidence,
    cast(null as double) as forecast_seconds,
    true as inferred
from iterations
inner join named on iterations.study = named.study and iterations.iteration = named.iteration
inner join rowless on iterations.study = rowless.study and iterations.iteration = rowless.iteration
