-- Grain: one tooling change of one shared iteration. Inputs: arms, shared_iterations, group_floor.
-- An arm is a group too: it is shared when enough people of its study and regime are in it.
with placed as (
    select
        arms.study,
        shared_iterations.regime,
        shared_iterations.number as iteration,
        shared_iterations.person,
        shared_iterations.is_scripted,
        arms.tool,
        arms.arm
    from arms
    inner join shared_iterations
        on arms.study = shared_iterations.study and arms.iteration = shared_iterations.iteration
),

people as (
    select
        study,
        regime,
        tool,
        arm,
        count(distinct person) filter (where not is_scripted) as people
    from placed
    group by study, regime, tool, arm
)

select
    placed.study,
    placed.iteration,
    placed.tool,
    placed.arm
from placed
inner join people
    on
        placed.study = people.study
        and placed.regime = people.regime
        and placed.tool = people.tool
        and placed.arm = people.arm
cross join group_floor
where placed.is_scripted or people.people >= group_floor.people
