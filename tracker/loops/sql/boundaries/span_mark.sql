-- Grain: one row: what stands between the id of a span that is cut and that of its piece.
-- Inputs: spans (mart), made_rows, pieces.
-- Ids of spans are unique in the table. Where a recorded one, or that of another cut span, is in the way, the mark is
-- longer than any run of its sign in an id, and ends where no id can be taken for a part of it.
with cut_ids as (
    select spans.span || '@' || pieces.piece as span
    from spans
    inner join pieces on spans.study = pieces.study and spans.iteration = pieces.iteration
    where not pieces.is_first
    union all
    select made_rows.span || '@' || pieces.piece || '/row' as span
    from made_rows
    inner join pieces on made_rows.study = pieces.study and made_rows.iteration = pieces.iteration
),

ids as (
    select span from spans
    union all
    select span from cut_ids
),

signs as (
    select max(length(regexp_replace(iteration || ' ' || span, '[^@]', '', 'g'))) as times
    from spans
)

select case when count(*) = count(distinct ids.span) then '@' else repeat('@', max(signs.times) + 1) || '/' end as mark
from ids
cross join signs
