-- Grain: one stretch in which an iteration had at least one job queued or running. Inputs: company_spans.
with reaches as (
    select
        timeline,
        study,
        iteration,
        from_us,
        until_us,
        max(until_us) over (
            partition by study, iteration order by from_us, until_us rows between unbounded preceding and 1 preceding
        ) as reached_us
    from company_spans
    where not is_phase and until_us > from_us
),

numbered as (
    select
        *,
        count(*) filter (where reached_us is null or from_us > reached_us) over (
            partition by study, iteration order by from_us, until_us rows between unbounded preceding and current row
        ) as stretch
    from reaches
)

select
    timeline,
    study,
    iteration,
    min(from_us) as from_us,
    max(until_us) as until_us
from numbered
group by timeline, study, iteration, stretch
