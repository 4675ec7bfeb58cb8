-- Rows are spans whose instants are out of order: enabled <= started <= ended.
-- Looked for where `some_end_before_they_start` says that there is one.
select
    study,
    iteration,
    span,
    enabled_at,
    started_at,
    ended_at
from recorded_spans
where started_at < enabled_at or ended_at < started_at
