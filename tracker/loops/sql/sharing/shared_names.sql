-- Grain: one name or device that is common enough to be shared: enough people use it, or a program does.
-- Inputs: spans, shared_iterations, group_floor. Names are what somebody typed.
with used as (
    select
        spans.kind,
        spans.name,
        shared_iterations.person,
        shared_iterations.is_scripted
    from spans
    inner join shared_iterations
        on spans.study = shared_iterations.study and spans.iteration = shared_iterations.iteration
    where spans.kind in ('phase', 'job', 'stage')
    union all
    select
        'device' as kind,
        spans.device as name,
        shared_iterations.person,
        shared_iterations.is_scripted
    from spans
    inner join shared_iterations
        on spans.study = shared_iterations.study and spans.iteration = shared_iterations.iteration
    where spans.device <> ''
)

select
    used.kind,
    used.name
from used
cross join group_floor
group by used.kind, used.name, group_floor.people
having count(distinct used.person) filter (where not used.is_scripted) >= group_floor.people
