-- Grain: one iteration. Inputs: iteration_rows, elsewhere, off_hours.
-- Identity: active + waiting + overlapped + unattributed = elapsed. Sub-splits change none of the four: waiting is
-- queue + run; waiting elsewhere is a part of waiting (null: nobody knows whose it is), off-hours a part of elapsed.
select
    iteration_rows.*,
    case when iteration_rows.person <> '' then coalesce(elsewhere.elsewhere_us, 0) / 1e6 end
        as waiting_elsewhere_seconds,
    off_hours.off_us / 1e6 as off_hours_seconds
from iteration_rows
left join elsewhere
    on iteration_rows.study = elsewhere.study and iteration_rows.iteration = elsewhere.iteration
left join off_hours
    on iteration_rows.study = off_hours.study and iteration_rows.iteration = off_hours.iteration
