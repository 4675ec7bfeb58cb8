-- Grain: one iteration. Inputs: recorded_spans. Instants in microseconds since 1970 UTC, so that sums are exact.
-- An iteration without a row of its own reaches from its earliest `enabled_at` to its latest `ended_at`; one that is
-- open counts up to its last event, the watermark.
with own as (
    select
        study,
        iteration,
        name,
        status,
        forecast_seconds,
        epoch_us(started_at) as started_us,
        epoch_us(ended_at) as ended_us,
        epoch_us(last_at) as last_us
    from recorded_spans
    where kind = 'iteration'
),

extents as (
    select
        study,
        iteration,
        any_value(regime) as regime,
        any_value(person) as person,
        any_value(evidence) as evidence,
        min(epoch_us(enabled_at)) as first_us,
        max(greatest(epoch_us(enabled_at), coalesce(epoch_us(ended_at), epoch_us(started_at)))) as last_us,
        bool_or(ended_at is null) as has_unfinished,
        count(*) filter (where kind <> 'iteration') as spans
    from recorded_spans
    group by study, iteration
)

select
    extents.study,
    extents.regime,
    extents.iteration,
    coalesce(own.name, extents.iteration) as name,
    extents.person,
    coalesce(own.status, case when extents.has_unfinished then 'open' else 'finished' end) as status,
    extents.evidence,
    own.forecast_seconds,
    extents.spans,
    coalesce(own.started_us, extents.first_us) as started_us,
    case when own.iteration is null and not extents.has_unfinished then extents.last_us else own.ended_us end
        as ended_us,
    greatest(
        coalesce(own.started_us, extents.first_us),
        coalesce(own.ended_us, own.last_us, extents.last_us)
    ) as until_us
from extents
left join own on extents.study = own.study and extents.iteration = own.iteration
