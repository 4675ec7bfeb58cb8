-- Grain: one event: something began or ended, was submitted or decided. Inputs: spans (mart). An iteration's own events
-- come first and last of those at the same instant, and what begins comes after what has ended.
with happenings as (
    select
        *,
        'submitted' as happening,
        enabled_at as happened_at
    from spans
    where kind = 'job'
    union all
    select
        *,
        'started' as happening,
        started_at as happened_at
    from spans
    where kind <> 'decision' and started_at is not null
    union all
    select
        *,
        'ended' as happening,
        ended_at as happened_at
    from spans
    where kind <> 'decision' and ended_at is not null
    union all
    select
        *,
        'decided' as happening,
        started_at as happened_at
    from spans
    where kind = 'decision'
),

placed as (
    select
        *,
        case
            when kind = 'iteration' then case happening when 'started' then 0 else 9 end
            -- Without a length it begins before it ends.
            when happening = 'ended' and coalesce(started_at, enabled_at) = ended_at then 6
            when happening = 'ended' then case kind when 'stage' then 1 else 2 end
            when kind = 'decision' then 3
            else case happening when 'submitted' then 4 else 5 end
        end as place
    from happenings
)

select
    study,
    regime,
    iteration,
    person,
    span,
    parent,
    kind,
    name,
    happening,
    happened_at,
    started_at,
    status,
    evidence,
    coalesce(inferred, false) as inferred,
    device,
    attempt,
    options,
    choice,
    reason,
    clarity
from placed
order by study, iteration, happened_at, place, span
