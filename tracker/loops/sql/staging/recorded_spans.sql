-- Grain: one span. Inputs: shipped_spans, imported_spans.
-- An iteration that MLflow holds is not taken from an import, and one that stands in several imports is taken from one.
with first_imports as (
    select *
    from imported_spans
    qualify source_number = min(source_number) over (partition by study, iteration)
)

select * from shipped_spans
union all by name
select first_imports.* exclude (source_number) -- noqa: RF02
from first_imports
anti join shipped_spans
    on first_imports.study = shipped_spans.study and first_imports.iteration = shipped_spans.iteration
