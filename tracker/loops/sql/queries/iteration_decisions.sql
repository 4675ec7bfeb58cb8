-- Grain: one decision point of the chosen iteration, in time order. Inputs: chosen (rows of the mart decisions).
select
    span,
    decided_at,
    choice,
    reason,
    clarity,
    case when json_valid(options) then array_to_string(from_json(options, '["VARCHAR"]'), ', ') else options end
        as options
from chosen
order by decided_at, span
