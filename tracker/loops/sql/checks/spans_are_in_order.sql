-- One row: whether the spans stand in the order of their mart already, as they do where a snapshot was exported.
-- Inputs: recorded_spans.
with compared as (
    select (study, iteration, enabled_at, span) >= lag((study, iteration, enabled_at, span)) over () as is_in_order
    from recorded_spans
)

select coalesce(bool_and(is_in_order), true) as is_in_order
from compared
