-- Grain: one iteration, newest first, with the number of all that were asked for. Inputs: chosen (rows of the mart
-- iterations). The caller takes one page of it.
select
    study,
    regime,
    iteration,
    name,
    status,
    started_at,
    elapsed_seconds,
    active_seconds,
    waiting_seconds,
    overlapped_seconds,
    unattributed_seconds,
    jobs,
    failed_jobs,
    decision_points,
    is_scripted,
    evidence,
    count(*) over () as iterations_found
from chosen
order by started_at desc, study asc, iteration asc
