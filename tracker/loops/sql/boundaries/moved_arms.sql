-- Grain: one tooling change of one piece. Inputs: arms (mart), pieces. Where joined iterations had different arms, none
-- is recorded.
select
    arms.study,
    pieces.piece as iteration,
    arms.tool,
    min(arms.arm) as arm
from arms
inner join pieces on arms.study = pieces.study and arms.iteration = pieces.iteration
group by arms.study, pieces.piece, arms.tool
having count(distinct arms.arm) = 1
