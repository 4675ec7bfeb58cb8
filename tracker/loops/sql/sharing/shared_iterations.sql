-- Grain: one iteration that may be shared, with the number that takes the place of its id. Inputs: iterations, spans,
-- group_floor (one row).
-- A group is a study and regime: it is shared when at least so many people have iterations in it. A scripted researcher
-- is nobody; of an iteration whose person is not known nobody can say that the group is large enough.
with people as (
    select
        study,
        regime,
        count(distinct person) filter (where person <> '' and not is_scripted) as people
    from iterations
    group by study, regime
)

select
    iterations.study,
    iterations.iteration,
    iterations.regime,
    iterations.is_scripted,
    iterations.person,
    'loop-' || lpad(cast(row_number() over (order by hash(iterations.iteration, iterations.study)) as varchar), 7, '0')
        as number
from iterations
inner join people on iterations.study = people.study and iterations.regime = people.regime
cross join group_floor
where iterations.is_scripted or (iterations.person <> '' and people.people >= group_floor.people)
