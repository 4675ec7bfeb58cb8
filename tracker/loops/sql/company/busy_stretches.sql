-- Grain: one stretch in which a person had at least one phase open, in whatever iteration. Inputs: company_spans.
-- Gaps and islands. `before_us`: how long the person was busy before it.
with reaches as (
    select
        timeline,
        from_us,
        until_us,
        max(until_us) over (
            partition by timeline order by from_us, until_us rows between unbounded preceding and 1 preceding
        ) as reached_us
    from company_spans
    where is_phase and until_us > from_us
),

numbered as (
    select
        timeline,
        from_us,
        until_us,
        count(*) filter (where reached_us is null or from_us > reached_us) over (
            partition by timeline order by from_us, until_us rows between unbounded preceding and current row
        ) as stretch
    from reaches
),

stretches as (
    select
        timeline,
        min(from_us) as from_us,
        max(until_us) as until_us
    from numbered
    group by timeline, stretch
)

select
    timeline,
    from_us,
    until_us,
    coalesce(
        sum(until_us - from_us) over (
            partition by timeline order by from_us rows between unbounded preceding and 1 preceding
        ),
        0
    ) as before_us
from stretches
