-- Grain: one iteration whose arm of a tooling change is recorded. Inputs: chosen (rows of the mart arms, of one tool),
-- iterations, decisions.
-- Reruns are counted in iterations. A decision is reversed when the study's next one among the same options chooses
-- otherwise.
with followed as (
    select
        study,
        iteration,
        choice,
        lead(choice) over (partition by study, options order by decided_at, span) as next_choice
    from decisions
    where options not in ('', '[]')
),

reversals as (
    select
        study,
        iteration,
        count(*) filter (where next_choice <> choice) as reversed_decisions
    from followed
    group by study, iteration
)

select
    iterations.*,
    chosen.arm,
    coalesce(reversals.reversed_decisions, 0) as reversed_decisions
from chosen
inner join iterations on chosen.study = iterations.study and chosen.iteration = iterations.iteration
left join reversals on chosen.study = reversals.study and chosen.iteration = reversals.iteration
order by iterations.started_at, iterations.study, iterations.iteration
