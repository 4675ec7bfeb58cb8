-- Grain: one iteration, without what depends on other iterations or on working hours.
-- Inputs: bounds, parts, span_counts, rerun_jobs, numbered_iterations. One without an end counts to its
-- last event. Identity: active + waiting + overlapped + unattributed = elapsed.
with again as (
    select
        numbered_iterations.loop_number,
        count(*) as reruns
    from rerun_jobs
    inner join numbered_iterations
        on rerun_jobs.study = numbered_iterations.study and rerun_jobs.iteration = numbered_iterations.iteration
    group by numbered_iterations.loop_number
)

select
    bounds.study,
    bounds.regime,
    bounds.iteration,
    bounds.name,
    bounds.person,
    bounds.person = 'scripted' as is_scripted,
    bounds.status,
    bounds.evidence,
    make_timestamptz(bounds.started_us) as started_at,
    make_timestamptz(bounds.ended_us) as ended_at,
    (bounds.until_us - bounds.started_us) / 1e6 as elapsed_seconds,
    coalesce(parts.active_us, 0) / 1e6 as active_seconds,
    coalesce(parts.waiting_us, 0) / 1e6 as waiting_seconds,
    coalesce(parts.overlapped_us, 0) / 1e6 as overlapped_seconds,
    coalesce(parts.unattributed_us, 0) / 1e6 as unattributed_seconds,
    coalesce(parts.queue_us, 0) / 1e6 as waiting_queue_seconds,
    (coalesce(parts.waiting_us, 0) - coalesce(parts.queue_us, 0)) / 1e6 as waiting_run_seconds,
    coalesce(span_counts.job_us, 0) / 1e6 as job_seconds,
    coalesce(span_counts.queue_us, 0) / 1e6 as queue_seconds,
    span_counts.jobs,
    span_counts.failed_jobs,
    span_counts.decision_points,
    span_counts.murky_decision_points,
    span_counts.spans,
    bounds.forecast_seconds,
    coalesce(again.reruns, 0) as reruns,
    bounds.status = 'open' as is_unfinished,
    bounds.status in ('failed', 'killed') as is_abandoned
from bounds
inner join span_counts on bounds.loop_number = span_counts.loop_number
left join parts on bounds.loop_number = parts.loop_number
left join again on bounds.loop_number = again.loop_number
