-- Grain: one span; ten of each iteration: its own row, four phases, two parallel jobs, two stages, one decision.
with iterations as (
    select
        number,
        'i' || lpad(cast(number as varchar), 8, '0') as iteration,
        's' || (number % 20) as study,
        case when number % 2 = 0 then 'toy' else 'real' end as regime,
        'p-' || (number % 50) as person,
        1767571200000000 + number * 700000000 + cast(hash(number) % 1000000 as bigint) as start_us,
        60000000 + cast(hash(number, 1) % 300000000 as bigint) as think_us,
        30000000 + cast(hash(number, 2) % 300000000 as bigint) as implement_us,
        5000000 + cast(hash(number, 3) % 60000000 as bigint) as queue_us,
        10000000 + cast(hash(number, 4) % 100000000 as bigint) as load_us,
        10000000 + cast(hash(number, 5) % 600000000 as bigint) as steady_us,
        1000000 + cast(hash(number, 6) % 300000000 as bigint) as evaluate_us
    from range($iterations) as numbers (number)
),

instants as (
    select
        *,
        start_us + think_us as thought_us,
        start_us + think_us + implement_us as launched_us,
        start_us + think_us + implement_us + queue_us as running_us,
        start_us + think_us + implement_us + queue_us + load_us as loaded_us,
        start_us + think_us + implement_us + queue_us + load_us + steady_us as trained_us
    from iterations
),

spans as (
    select
        *,
        unnest(
            [
                {'kind': 'iteration', 'name': 'try', 'id': '', 'of': '', 'at': [start_us, start_us, trained_us + evaluate_us + 2000000]},
                {'kind': 'phase', 'name': 'think', 'id': '.1', 'of': '', 'at': [start_us, start_us, thought_us]},
                {'kind': 'phase', 'name': 'implement', 'id': '.2', 'of': '', 'at': [thought_us, thought_us, launched_us]},
                {'kind': 'job', 'name': 'train', 'id': '.3', 'of': '', 'at': [launched_us, running_us, trained_us]},
                {'kind': 'stage', 'name': 'load', 'id': '.4', 'of': '.3', 'at': [running_us, running_us, loaded_us]},
                {'kind': 'stage', 'name': 'steady', 'id': '.5', 'of': '.3', 'at': [loaded_us, loaded_us, trained_us]},
                {'kind': 'job', 'name': 'eval', 'id': '.6', 'of': '', 'at': [launched_us, running_us + 1000000, loaded_us]},
                {'kind': 'phase', 'name': 'evaluate', 'id': '.7', 'of': '', 'at': [trained_us - 1000000, trained_us - 1000000, trained_us + evaluate_us]},
                {'kind': 'phase', 'name': 'decide', 'id': '.8', 'of': '', 'at': [trained_us + evaluate_us, trained_us + evaluate_us, trained_us + evaluate_us + 1000000]},
                {'kind': 'decision', 'name': 'decision', 'id': '.9', 'of': '', 'at': [trained_us + evaluate_us + 1000000, trained_us + evaluate_us + 1000000, trained_us + evaluate_us + 1000000]}
            ]
        ) as one
    from instants
)

select
    study,
    regime,
    iteration,
    person,
    iteration || one.id as span,
    case when one.of = '' then '' else iteration || one.of end as parent,
    one.kind as kind,
    one.name as name,
    make_timestamptz(one.at[1]) as enabled_at,
    make_timestamptz(one.at[2]) as started_at,
    make_timestamptz(one.at[3]) as ended_at,
    '' as after,
    'finished' as status,
    'measured' as evidence,
    case when one.kind = 'decision' then 'keep' end as choice,
    case when number % 3 = 0 then 'changed' when number % 3 = 1 then 'baseline' else '' end as "tool.cache"
from spans
