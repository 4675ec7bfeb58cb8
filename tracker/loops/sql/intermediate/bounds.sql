-- Grain: one iteration. Inputs: recorded_spans, span_counts, numbered_iterations. Instants in microseconds.
-- An iteration without a row of its own reaches from its earliest `enabled_at` to its latest `ended_at`; one that is
-- open counts up to its last event, the watermark.
with own as (
    select
        study,
        iteration,
        name,
        status,
        regime,
        person,
        evidence,
        forecast_seconds,
        epoch_us(started_at) as started_us,
        epoch_us(ended_at) as ended_us,
        epoch_us(last_at) as last_us
    from recorded_spans
    where kind = 'iteration'
),

rowless as (
    select numbered_iterations.*
    from numbered_iterations
    inner join span_counts on numbered_iterations.loop_number = span_counts.loop_number
    where not span_counts.has_row
),

-- Only where an iteration has no row of its own: its spans say the same, and one of them is enough.
borrowed as (
    select
        rowless.loop_number,
        max(recorded_spans.regime) as regime,
        max(recorded_spans.person) as person,
        max(recorded_spans.evidence) as evidence
    from recorded_spans
    inner join rowless on recorded_spans.study = rowless.study and recorded_spans.iteration = rowless.iteration
    group by rowless.loop_number
)

select
    numbered_iterations.loop_number,
    numbered_iterations.study,
    coalesce(own.regime, borrowed.regime) as regime,
    numbered_iterations.iteration,
    coalesce(own.name, numbered_iterations.iteration) as name,
    coalesce(own.person, borrowed.person) as person,
    coalesce(own.status, case when span_counts.has_unfinished then 'open' else 'finished' end) as status,
    coalesce(own.evidence, borrowed.evidence) as evidence,
    own.forecast_seconds,
    coalesce(own.started_us, span_counts.first_us) as started_us,
    case when span_counts.has_row or span_counts.has_unfinished then own.ended_us else span_counts.last_us end
        as ended_us,
    greatest(
        coalesce(own.started_us, span_counts.first_us),
        coalesce(own.ended_us, own.last_us, span_counts.last_us)
    ) as until_us
from numbered_iterations
inner join span_counts on numbered_iterations.loop_number = span_counts.loop_number
left join own on numbered_iterations.study = own.study and numbered_iterations.iteration = own.iteration
left join borrowed on numbered_iterations.loop_number = borrowed.loop_number
