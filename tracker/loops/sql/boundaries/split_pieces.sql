-- Grain: one piece of one recorded iteration. Inputs: iterations, decisions.
-- Rule `split`: an iteration ends with each decision point; what follows its last one belongs to its last piece.
-- A piece after the first is `ITERATION/NUMBER`. Where an iteration of that id was recorded, more slashes stand there
-- than in any id or other piece of the study.
with reaches as (
    select
        study,
        iteration,
        status,
        epoch_us(started_at) as from_us,
        epoch_us(started_at) + cast(round(elapsed_seconds * 1e6) as bigint) as until_us
    from iterations
),

instants as (
    select distinct
        decisions.study,
        decisions.iteration,
        epoch_us(decisions.decided_at) as at_us
    from decisions
    inner join reaches on decisions.study = reaches.study and decisions.iteration = reaches.iteration
    where epoch_us(decisions.decided_at) > reaches.from_us and epoch_us(decisions.decided_at) < reaches.until_us
),

last_ones as (
    select
        study,
        iteration,
        max(decided_at) as decided_at
    from decisions
    group by study, iteration
),

cuts as (
    select
        instants.study,
        instants.iteration,
        instants.at_us
    from instants
    inner join last_ones on instants.study = last_ones.study and instants.iteration = last_ones.iteration
    where instants.at_us < epoch_us(last_ones.decided_at)
),

edges as (
    select
        study,
        iteration,
        from_us as at_us
    from reaches
    union all
    select
        study,
        iteration,
        at_us
    from cuts
),

pieces as (
    select
        edges.study,
        edges.iteration,
        edges.at_us as from_us,
        lead(edges.at_us, 1, reaches.until_us) over in_order as until_us,
        row_number() over in_order as number,
        lead(edges.at_us) over in_order is null as is_last,
        reaches.status
    from edges
    inner join reaches on edges.study = reaches.study and edges.iteration = reaches.iteration
    window in_order as (partition by edges.study, edges.iteration order by edges.at_us)
),

taken as (
    select distinct
        pieces.study,
        pieces.iteration
    from pieces
    inner join reaches
        on pieces.study = reaches.study and pieces.iteration || '/' || pieces.number = reaches.iteration
    where pieces.number > 1
),

slashes as (
    select
        study,
        max(length(regexp_replace(iteration, '[^/]', '', 'g'))) as times
    from reaches
    group by study
)

select
    pieces.study,
    pieces.iteration,
    case
        when pieces.number = 1 then pieces.iteration
        when taken.iteration is null then pieces.iteration || '/' || pieces.number
        else pieces.iteration || repeat('/', slashes.times + 2) || pieces.number
    end as piece,
    pieces.from_us,
    pieces.until_us,
    case when pieces.is_last then pieces.status else 'finished' end as status,
    cast(null as bigint) as own_until_us,
    pieces.number = 1 as is_first,
    pieces.is_last,
    true as is_named
from pieces
inner join slashes on pieces.study = slashes.study
left join taken on pieces.study = taken.study and pieces.iteration = taken.iteration
