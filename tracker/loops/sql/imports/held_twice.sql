-- Grain: one imported table that holds iterations of the table number $1 too, with how many of them it is the first
-- other one to hold. Inputs: imported_iterations.
with firsts as (
    select
        own.study,
        own.iteration,
        min(others.source_number) as source_number
    from imported_iterations as own
    inner join imported_iterations as others
        on
            own.study = others.study
            and own.iteration = others.iteration
            and own.source_number <> others.source_number
    where own.source_number = $1
    group by own.study, own.iteration
)

select
    source_number,
    count(*) as iterations
from firsts
group by source_number
order by source_number
