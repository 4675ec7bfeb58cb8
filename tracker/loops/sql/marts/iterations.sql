-- Grain: one iteration. Inputs: iteration_rows, time_beside (made by company.py, a row for each of them, in order).
-- Identity: active + waiting + overlapped + unattributed = elapsed. Sub-splits change none of the four: waiting is
-- queue + run; waiting elsewhere is a part of waiting (null: nobody knows whose it is), off-hours a part of elapsed.
select
    iteration_rows.*,
    case when iteration_rows.person <> '' then time_beside.elsewhere_us / 1e6 end as waiting_elsewhere_seconds,
    case when iteration_rows.started_at is not null then time_beside.off_us / 1e6 end as off_hours_seconds
from iteration_rows
positional join time_beside
