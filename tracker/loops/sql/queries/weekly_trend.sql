-- Grain: one regime and week (from Monday, UTC) in which finished iterations began. Inputs: chosen (rows of the mart
-- iterations). Decisions are counted in all iterations that began in the week.
select
    regime,
    cast(date_trunc('week', started_at) as date) as week_of,
    count(*) as iterations,
    count(*) filter (where status = 'finished') as finished_iterations,
    cast(sum(decision_points) as bigint) as decision_points,
    median(elapsed_seconds) filter (where status = 'finished') as median_elapsed_seconds,
    quantile_cont(elapsed_seconds, 0.25) filter (where status = 'finished') as lower_quartile_seconds,
    quantile_cont(elapsed_seconds, 0.75) filter (where status = 'finished') as upper_quartile_seconds
from chosen
group by regime, week_of
order by week_of asc, case regime when 'toy' then 0 when 'real' then 1 else 2 end, regime asc
