-- Grain: one span, with whose it is. Inputs: recorded_spans, shipped_spans (of which only an iteration's own row says).
with persons as (
    select
        run_number,
        max(person) as person
    from shipped_spans
    where kind = 'iteration'
    group by run_number
)

select
    recorded_spans.* exclude (person),
    case when recorded_spans.run_number is null then recorded_spans.person else coalesce(persons.person, '') end
        as person
from recorded_spans
left join persons on recorded_spans.run_number = persons.run_number
