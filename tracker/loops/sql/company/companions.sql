-- Grain: one iteration during which its person had another one in hand. Inputs: iteration_rows. Microseconds.
-- Numbered from 0.
-- Programs all bear the name `scripted`; those of one study are taken for one, those of two studies for two.
with timelines as (
    select
        study,
        iteration,
        case when is_scripted then person || chr(31) || study else person end as timeline,
        epoch_us(started_at) as from_us,
        epoch_us(started_at) + cast(round(elapsed_seconds * 1e6) as bigint) as until_us,
        cast(round(overlapped_seconds * 1e6) as bigint) as overlapped_us
    from iteration_rows
    where person <> ''
),

neighbours as (
    select
        *,
        max(until_us) over (
            partition by timeline order by from_us, until_us, study, iteration
            rows between unbounded preceding and 1 preceding
        ) as reached_us,
        lead(from_us) over (partition by timeline order by from_us, until_us, study, iteration) as next_us
    from timelines
)

select
    cast(row_number() over () - 1 as integer) as companion,
    study,
    iteration,
    timeline,
    from_us,
    until_us,
    overlapped_us
from neighbours
where reached_us > from_us or next_us < until_us
