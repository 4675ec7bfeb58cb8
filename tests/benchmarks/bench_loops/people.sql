-- Grain: one span. Inputs: made (events.sql), of which each of $people people gets the same share of $iterations.
-- Each begins with the first, so that everybody has as many iterations a day, however many people there are.
with numbered as (
    select
        made.*,
        cast(substr(iteration, 2) as bigint) // greatest(1, $iterations // $people) as person_number
    from made
),

shifts as (
    select
        *,
        to_microseconds(person_number * greatest(1, $iterations // $people) * 700000000) as shift
    from numbered
)

select
    * exclude (person_number, shift) replace (
        'p-' || person_number as person,
        enabled_at - shift as enabled_at,
        started_at - shift as started_at,
        ended_at - shift as ended_at
    )
from shifts
