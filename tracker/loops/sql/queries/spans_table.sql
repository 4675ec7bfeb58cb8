-- Grain: one span, with one column `tool.NAME` per tooling change. Inputs: spans, arms (marts).
-- noqa: disable=RF02,LT02
-- A pivot does not see common table expressions, so its source stands inside it.
with tool_columns as (
    pivot (
        select
            study,
            iteration,
            arm,
            'tool.' || tool as tool_column
        from arms
    )
    on tool_column
    using first(arm)
    group by study, iteration
)

select
    spans.*,
    tool_columns.* exclude (study, iteration)
from spans
left join tool_columns on spans.study = tool_columns.study and spans.iteration = tool_columns.iteration
order by spans.study, spans.iteration, spans.enabled_at, spans.span
