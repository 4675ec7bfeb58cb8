-- Grain: one study and UTC day on which an iteration started. Inputs: bounds, parts.
select
    bounds.study,
    bounds.regime,
    cast(make_timestamp(bounds.started_us) as date) as started_on,
    count(*) as iterations,
    count(*) filter (where bounds.status = 'finished') as finished_iterations,
    sum(bounds.until_us - bounds.started_us) / 1e6 as elapsed_seconds,
    coalesce(sum(parts.active_us), 0) / 1e6 as active_seconds,
    coalesce(sum(parts.waiting_us), 0) / 1e6 as waiting_seconds,
    coalesce(sum(parts.overlapped_us), 0) / 1e6 as overlapped_seconds,
    coalesce(sum(parts.unattributed_us), 0) / 1e6 as unattributed_seconds
from bounds
left join parts on bounds.study = parts.study and bounds.iteration = parts.iteration
group by bounds.study, bounds.regime, started_on
order by bounds.study, bounds.regime, started_on
