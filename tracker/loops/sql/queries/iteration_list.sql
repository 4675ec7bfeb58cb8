-- Grain: one iteration. Inputs: chosen (rows of the mart iterations). The caller sorts, and takes one page of it.
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
    evidence
from chosen
