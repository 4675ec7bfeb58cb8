-- Grain: one regime. Inputs: chosen (rows of the mart iterations).
-- Identity: the fractions of the four parts add up to 1; where nothing has any length they are absent.
select
    regime,
    count(*) as iterations,
    count(*) filter (where status = 'finished') as finished_iterations,
    count(*) filter (where status = 'open') as open_iterations,
    count(*) filter (where is_scripted) as scripted_iterations,
    count(distinct study) as studies,
    cast(sum(jobs) as bigint) as jobs,
    cast(sum(failed_jobs) as bigint) as failed_jobs,
    cast(sum(decision_points) as bigint) as decision_points,
    cast(sum(murky_decision_points) as bigint) as murky_decision_points,
    sum(elapsed_seconds) as elapsed_seconds,
    median(elapsed_seconds) as median_elapsed_seconds,
    sum(active_seconds) / nullif(sum(elapsed_seconds), 0) as active_fraction,
    sum(waiting_seconds) / nullif(sum(elapsed_seconds), 0) as waiting_fraction,
    sum(overlapped_seconds) / nullif(sum(elapsed_seconds), 0) as overlapped_fraction,
    sum(unattributed_seconds) / nullif(sum(elapsed_seconds), 0) as unattributed_fraction,
    string_agg(distinct evidence, ', ' order by evidence) as evidence
from chosen
group by regime
order by case regime when 'toy' then 0 when 'real' then 1 else 2 end, regime
