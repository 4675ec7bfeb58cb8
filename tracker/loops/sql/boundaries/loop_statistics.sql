-- Grain: one regime. Inputs: counted_iterations (rows of the mart iterations, under some rule for what one is).
-- Identity: the fractions of the four parts add up to 1; where nothing has any length they are absent.
select
    regime,
    count(*) as iterations,
    count(*) filter (where status = 'finished') as finished_iterations,
    count(*) filter (where is_unfinished) as unfinished_iterations,
    count(*) filter (where is_abandoned) as abandoned_iterations,
    sum(elapsed_seconds) as elapsed_seconds,
    avg(elapsed_seconds) as mean_elapsed_seconds,
    median(elapsed_seconds) as median_elapsed_seconds,
    quantile_cont(elapsed_seconds, 0.9) as p90_elapsed_seconds,
    exp(avg(ln(elapsed_seconds)) filter (where elapsed_seconds > 0)) as geometric_mean_elapsed_seconds,
    sum(active_seconds) / nullif(sum(elapsed_seconds), 0) as active_fraction,
    sum(waiting_seconds) / nullif(sum(elapsed_seconds), 0) as waiting_fraction,
    sum(overlapped_seconds) / nullif(sum(elapsed_seconds), 0) as overlapped_fraction,
    sum(unattributed_seconds) / nullif(sum(elapsed_seconds), 0) as unattributed_fraction,
    sum(waiting_queue_seconds) / nullif(sum(waiting_seconds), 0) as queue_of_waiting_fraction,
    sum(waiting_elsewhere_seconds) / nullif(sum(waiting_seconds), 0) as elsewhere_of_waiting_fraction,
    sum(off_hours_seconds) / nullif(sum(elapsed_seconds), 0) as off_hours_fraction,
    avg(jobs) as jobs_per_iteration,
    sum(failed_jobs) / nullif(sum(jobs), 0) as failed_job_fraction,
    sum(reruns) / nullif(sum(jobs), 0) as rerun_fraction,
    avg(decision_points) as decision_points_per_iteration,
    sum(murky_decision_points) / nullif(sum(decision_points), 0) as murky_fraction
from counted_iterations
group by regime
order by case regime when 'toy' then 0 when 'real' then 1 else 2 end, regime
