-- Grain: one span of one piece, as the accounting reads it. Inputs: moved_spans, pieces.
-- `last_at`: an iteration that has not ended counts to its last event.
with reached as (
    select
        study,
        piece,
        max(until_us) as until_us
    from pieces
    group by study, piece
)

select
    moved_spans.*,
    make_timestamptz(reached.until_us) as last_at
from moved_spans
inner join reached on moved_spans.study = reached.study and moved_spans.iteration = reached.piece
