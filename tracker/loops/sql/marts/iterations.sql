-- Grain: one iteration. Inputs: bounds, parts, recorded_spans. One without an end counts to its last event.
-- Identity: active + waiting + overlapped + unattributed = elapsed.
with counts as (
    select
        study,
        iteration,
        count(*) filter (where kind = 'job') as jobs,
        count(*) filter (where kind = 'job' and status in ('failed', 'killed')) as failed_jobs,
        count(*) filter (where kind = 'decision') as decision_points,
        count(*) filter (where kind = 'decision' and clarity = 'murky') as murky_decision_points,
        sum(epoch_us(ended_at) - epoch_us(started_at)) filter (where kind = 'job') as job_us,
        sum(epoch_us(started_at) - epoch_us(enabled_at)) filter (where kind = 'job') as queue_us
    from recorded_spans
    group by study, iteration
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
    coalesce(counts.job_us, 0) / 1e6 as job_seconds,
    coalesce(counts.queue_us, 0) / 1e6 as queue_seconds,
    counts.jobs,
    counts.failed_jobs,
    counts.decision_points,
    counts.murky_decision_points,
    bounds.spans,
    bounds.forecast_seconds
from bounds
inner join counts on bounds.study = counts.study and bounds.iteration = counts.iteration
left join parts on bounds.study = parts.study and bounds.iteration = parts.iteration
order by bounds.study, bounds.started_us, bounds.iteration
