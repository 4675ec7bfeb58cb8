-- Grain: one pair of spans of the chosen iteration of which the second waited for the first.
-- Inputs: chosen (rows of the mart spans).
-- What `after` says counts; where it is empty, a phase waited for the phase before it and for the jobs that ended since
-- that began, and a job for the last phase that had ended when it was enabled, or that was open then.
-- Critical: on the chain that leads back from the span that ended last, at each step to whatever ended last before it.
with recursive bounds as (
    select
        min(enabled_at) as started_at,
        max(greatest(enabled_at, coalesce(ended_at, started_at))) as until_at
    from chosen
),

nodes as (
    select
        chosen.span,
        chosen.kind,
        chosen.after,
        chosen.enabled_at,
        coalesce(chosen.started_at, bounds.until_at) as started_at,
        coalesce(chosen.ended_at, bounds.until_at) as ended_at
    from chosen
    cross join bounds
    where chosen.kind in ('phase', 'job', 'decision')
),

named as (
    select
        span as to_span,
        trim(unnest(string_split(after, ';'))) as from_span
    from nodes
),

stated as (
    select
        to_span,
        from_span,
        false as is_inferred
    from named
    where from_span not in ('', '-')
),

phases as (
    select
        *,
        lag(span) over (order by enabled_at, ended_at, span) as last_span,
        lag(started_at) over (order by enabled_at, ended_at, span) as last_started_at
    from nodes
    where kind = 'phase'
),

inferred as (
    select
        span as to_span,
        last_span as from_span
    from phases
    where after = '' and last_span is not null
    union all
    select
        phases.span as to_span,
        jobs.span as from_span
    from phases
    inner join nodes as jobs
        on
            jobs.kind = 'job'
            and phases.enabled_at >= jobs.ended_at
            and coalesce(phases.last_started_at, jobs.enabled_at) <= jobs.ended_at
    where phases.after = ''
    union all
    select
        jobs.span as to_span,
        arg_max(phases.span, (least(phases.ended_at, jobs.enabled_at), phases.enabled_at, phases.span)) as from_span
    from nodes as jobs
    inner join phases on jobs.enabled_at >= phases.started_at
    where jobs.kind = 'job' and jobs.after = ''
    group by jobs.span
),

edges as (
    select
        to_span,
        from_span,
        is_inferred
    from stated
    union
    select
        to_span,
        from_span,
        true as is_inferred
    from inferred
),

placed as (
    select
        edges.from_span,
        edges.to_span,
        edges.is_inferred,
        least(sources.ended_at, targets.enabled_at) as from_at,
        targets.enabled_at as to_at,
        row_number() over (
            partition by edges.to_span order by least(sources.ended_at, targets.enabled_at) desc, edges.from_span asc
        ) = 1 as is_last
    from edges
    inner join nodes as sources on edges.from_span = sources.span
    inner join nodes as targets on edges.to_span = targets.span
    where edges.from_span <> edges.to_span
),

chain as (
    select arg_max(span, (ended_at, enabled_at, span)) as span
    from nodes
    -- A span comes once, so that an `after` that goes round in a circle ends too.
    union
    select placed.from_span as span
    from chain
    inner join placed on chain.span = placed.to_span
    where placed.is_last
)

select
    placed.from_span,
    placed.to_span,
    placed.is_inferred,
    placed.is_last and chain.span is not null as is_critical,
    (epoch_us(placed.from_at) - epoch_us(bounds.started_at)) / 1e6 as from_seconds,
    (epoch_us(placed.to_at) - epoch_us(bounds.started_at)) / 1e6 as to_seconds
from placed
cross join bounds
left join chain on placed.to_span = chain.span
order by placed.to_at, placed.to_span, placed.from_at, placed.from_span
