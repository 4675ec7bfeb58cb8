-- Grain: one person who has iterations, or nobody (an empty person: a program's, or of records that name none).
-- Inputs: chosen (rows of the mart iterations).
-- `largest_group`: people of the largest study and regime that the person is in.
with named as (
    select
        study,
        regime,
        case when is_scripted or person is null then '' else person end as person
    from chosen
),

sizes as (
    select
        study,
        regime,
        count(distinct person) filter (where person <> '') as people
    from named
    group by study, regime
)

select
    named.person,
    count(*) as iterations,
    max(sizes.people) as largest_group
from named
inner join sizes on named.study = sizes.study and named.regime = sizes.regime
group by named.person
order by named.person
