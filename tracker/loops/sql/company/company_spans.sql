-- Grain: one phase or job of an iteration in company that was built now, cut to its iteration. Inputs: companions (made
-- by company.py), numbered_iterations, clipped_spans.
select
    companions.companion,
    clipped_spans.kind_number = 0 as is_phase,
    clipped_spans.enabled_us as from_us,
    clipped_spans.ended_us as until_us
from companions
inner join numbered_iterations
    on companions.study = numbered_iterations.study and companions.iteration = numbered_iterations.iteration
inner join clipped_spans on numbered_iterations.loop_number = clipped_spans.loop_number
where clipped_spans.kind_number in (0, 1)
