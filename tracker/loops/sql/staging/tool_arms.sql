-- Grain: one tooling change of one iteration. Inputs: shipped_arms, imported_arms, shipped_spans.
with first_imports as (
    select *
    from imported_arms
    qualify source_number = min(source_number) over (partition by study, iteration)
)

select * from shipped_arms
union all by name
select first_imports.* exclude (source_number) -- noqa: RF02
from first_imports
anti join shipped_spans
    on first_imports.study = shipped_spans.study and first_imports.iteration = shipped_spans.iteration
