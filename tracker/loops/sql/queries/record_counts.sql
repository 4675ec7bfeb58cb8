-- Grain: one study, regime and kind of evidence. Inputs: chosen (rows of the mart iterations).
select
    study,
    regime,
    evidence,
    count(*) as iterations,
    count(*) filter (where status = 'finished') as finished_iterations,
    count(*) filter (where status = 'failed') as failed_iterations,
    count(*) filter (where status = 'killed') as killed_iterations,
    count(*) filter (where status = 'open') as open_iterations,
    count(*) filter (where is_scripted) as scripted_iterations,
    count(distinct person) filter (where not is_scripted) as people,
    count(forecast_seconds) as forecasts,
    min(started_at) as first_at,
    max(started_at) as last_at
from chosen
group by study, regime, evidence
order by study, regime, evidence
