-- Grain: one span of an iteration like the first one, with ids of its own. Inputs: first_made.
select
    * replace (
        'more' as iteration,
        'more' || substr(span, 10) as span,
        case when parent = '' then '' else 'more' || substr(parent, 10) end as parent
    )
from first_made
