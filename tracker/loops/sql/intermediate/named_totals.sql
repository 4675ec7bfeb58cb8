-- Grain: one part, name and stage of one iteration. Inputs: stretches (made by stretches.py), clipped_spans.
-- Where spans of several names are open at once, active and overlapped time belongs to the phase opened last; waiting
-- to the running job started last, and within it to the stage opened last.
with mixed as (
    select *
    from stretches
    where name_number is null or stage_number is null
),

asked as (
    select
        loop_number,
        from_us,
        to_us,
        case when part = 'waiting' then 1 else 0 end as kind_number
    from mixed
    where name_number is null
    union all
    select
        loop_number,
        from_us,
        to_us,
        2 as kind_number
    from mixed
    where stage_number is null
),

covering as (
    select
        asked.loop_number,
        asked.from_us,
        asked.kind_number,
        arg_max(clipped_spans.name_number, (clipped_spans.started_us, clipped_spans.name_number)) as name_number
    from asked
    inner join clipped_spans
        on
            asked.loop_number = clipped_spans.loop_number
            and asked.kind_number = clipped_spans.kind_number
            and asked.from_us >= clipped_spans.started_us
            and asked.to_us <= clipped_spans.ended_us
    group by asked.loop_number, asked.from_us, asked.kind_number
),

names as (
    select
        loop_number,
        from_us,
        max(name_number) filter (where kind_number < 2) as name_number,
        max(name_number) filter (where kind_number = 2) as stage_number
    from covering
    group by loop_number, from_us
),

named as (
    select
        loop_number,
        part,
        name_number,
        stage_number,
        to_us - from_us as length_us
    from stretches
    where name_number is not null and stage_number is not null
    union all
    select
        mixed.loop_number,
        mixed.part,
        coalesce(mixed.name_number, names.name_number) as name_number,
        coalesce(mixed.stage_number, names.stage_number) as stage_number,
        mixed.to_us - mixed.from_us as length_us
    from mixed
    left join names on mixed.loop_number = names.loop_number and mixed.from_us = names.from_us
)

select
    loop_number,
    part,
    name_number,
    stage_number,
    cast(sum(length_us) as bigint) as total_us
from named
group by loop_number, part, name_number, stage_number
