-- Grain: one part and name of one regime. Inputs: chosen (rows of the mart phase_totals).
-- Identity: the fractions of a regime add up to 1. `n` counts the iterations of the regime.
with lengths as (
    select
        regime,
        study,
        iteration,
        sum(total_seconds) as elapsed_seconds
    from chosen
    group by regime, study, iteration
),

regimes as (
    select
        regime,
        sum(elapsed_seconds) as elapsed_seconds,
        count(*) as n
    from lengths
    group by regime
),

parts as (
    select
        regime,
        part,
        name,
        sum(total_seconds) as seconds
    from chosen
    group by regime, part, name
)

select
    parts.regime,
    parts.part,
    parts.name,
    parts.seconds,
    parts.seconds / regimes.elapsed_seconds as fraction,
    parts.seconds / regimes.n as seconds_per_iteration,
    regimes.n
from parts
inner join regimes on parts.regime = regimes.regime
order by
    case parts.regime when 'toy' then 0 when 'real' then 1 else 2 end asc,
    parts.regime asc,
    parts.seconds desc,
    parts.part asc,
    parts.name asc
