-- Grain: one span, with one column `tool.NAME` per tooling change. Inputs: spans, arms (marts).
with named_arms as (
    select
        study,
        iteration,
        arm,
        'tool.' || tool as tool_column
    from arms
),

tool_columns as (
    pivot named_arms
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
