-- Grain: one study, regime and UTC day on which an iteration started. Inputs: iterations (the mart).
-- Seconds are made whole microseconds again before they are added, so that the order of adding changes nothing.
select
    study,
    regime,
    cast(started_at as date) as started_on,
    count(*) as iterations,
    count(*) filter (where status = 'finished') as finished_iterations,
    sum(cast(round(elapsed_seconds * 1e6) as bigint)) / 1e6 as elapsed_seconds,
    sum(cast(round(active_seconds * 1e6) as bigint)) / 1e6 as active_seconds,
    sum(cast(round(waiting_seconds * 1e6) as bigint)) / 1e6 as waiting_seconds,
    sum(cast(round(overlapped_seconds * 1e6) as bigint)) / 1e6 as overlapped_seconds,
    sum(cast(round(unattributed_seconds * 1e6) as bigint)) / 1e6 as unattributed_seconds
from iterations
group by study, regime, started_on
