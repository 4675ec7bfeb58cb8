-- Grain: one recorded iteration, with the joined iteration that it is a part of. Inputs: iterations, boundary_gap.
-- Rule `joined`: what one person does in one study is one iteration as long as no gap is longer than `gap_us`. Gaps and
-- islands. An iteration of which nobody knows whose it is stays alone.
with reaches as (
    select
        study,
        regime,
        iteration,
        person,
        status,
        epoch_us(started_at) as from_us,
        epoch_us(started_at) + cast(round(elapsed_seconds * 1e6) as bigint) as until_us
    from iterations
),

followed as (
    select
        *,
        max(until_us) over (
            partition by study, regime, person order by from_us, until_us, iteration
            rows between unbounded preceding and 1 preceding
        ) as reached_us
    from reaches
),

numbered as (
    select
        followed.*,
        count(*) filter (
            where
            followed.person = ''
            or followed.reached_us is null
            or followed.from_us - followed.reached_us > boundary_gap.gap_us
        ) over (
            partition by followed.study, followed.regime, followed.person
            order by followed.from_us, followed.until_us, followed.iteration
            rows between unbounded preceding and current row
        ) as island
    from followed
    cross join boundary_gap
)

select
    study,
    iteration,
    first_value(iteration) over island_in_order as piece,
    min(from_us) over whole_island as from_us,
    max(until_us) over whole_island as until_us,
    case
        when bool_or(status = 'open') over whole_island then 'open'
        else arg_max(status, (until_us, from_us, iteration)) over whole_island
    end as status,
    -- What was left unfinished lasts until the end of its own iteration, and not of those that were joined to it.
    case when status <> 'open' and until_us < max(until_us) over whole_island then until_us end as own_until_us,
    true as is_first,
    true as is_last,
    row_number() over island_in_order = 1 as is_named
from numbered
window
    island_in_order as (partition by study, regime, person, island order by from_us, until_us, iteration),
    whole_island as (partition by study, regime, person, island)
