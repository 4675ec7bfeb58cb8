-- Rows are spans whose instants are out of order: enabled <= started <= ended.
select
    study,
    iteration,
    span,
    enabled_at,
    started_at,
    ended_at
from recorded_spans
where started_at < enabled_at or ended_at < started_at
