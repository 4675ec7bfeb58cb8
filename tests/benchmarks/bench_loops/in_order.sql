-- Grain: one span, in the order in which `import` leaves them. Inputs: made.
select *
from made
order by study, iteration, enabled_at, span
