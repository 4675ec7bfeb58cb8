-- noqa: disable=RF03
-- The linter takes the names that are excluded for columns that are read.
-- Grain: one span of one piece: the spans table under another rule for what one iteration is.
-- Inputs: spans (mart), pieces, span_mark.
-- A span that reaches over a boundary is cut there; no instant is counted twice.
with placed as (
    select
        spans.*,
        pieces.piece,
        span_mark.mark || pieces.piece as ending,
        pieces.from_us as piece_from_us,
        pieces.until_us as piece_until_us,
        pieces.is_first,
        pieces.is_last,
        pieces.status as piece_status,
        epoch_us(spans.enabled_at) as enabled_us,
        epoch_us(spans.started_at) as started_us,
        coalesce(epoch_us(spans.ended_at), pieces.until_us) as ended_us,
        -- A decision begins within the piece that it ends; what else begins at that instant is the next piece's. What
        -- never began begins in none: `greatest` passes over NULL.
        spans.started_at is not null
        and (pieces.is_last or spans.kind = 'decision' or epoch_us(spans.started_at) < pieces.until_us) as begins_here
    from spans
    inner join pieces on spans.study = pieces.study and spans.iteration = pieces.iteration
    cross join span_mark
    where
        case
            when spans.kind = 'iteration' then pieces.is_named
            -- A decision ends the piece before; what has no length belongs to where it begins.
            when spans.kind = 'decision'
                then
                    (epoch_us(coalesce(spans.started_at, spans.enabled_at)) > pieces.from_us or pieces.is_first)
                    and (epoch_us(coalesce(spans.started_at, spans.enabled_at)) <= pieces.until_us or pieces.is_last)
            else
                (epoch_us(spans.enabled_at) < pieces.until_us or pieces.is_last)
                and (
                    coalesce(epoch_us(spans.ended_at), pieces.until_us) > pieces.from_us
                    or epoch_us(spans.enabled_at) >= pieces.from_us
                    or pieces.is_first
                )
        end
)

select
    placed.* exclude (
        piece, piece_from_us, piece_until_us, piece_status, is_first, is_last, enabled_us, started_us, ended_us,
        begins_here, ending
    ) replace (
        placed.piece as iteration,
        case
            when placed.is_first then placed.span else placed.span || placed.ending
        end as span,
        case
            when placed.is_first or placed.parent = '' then placed.parent else placed.parent || placed.ending
        end as parent,
        make_timestamptz(
            case
                when placed.kind = 'iteration' then placed.piece_from_us
                when placed.is_first then placed.enabled_us
                else greatest(placed.enabled_us, placed.piece_from_us)
            end
        ) as enabled_at,
        case
            when placed.kind = 'iteration' then make_timestamptz(placed.piece_from_us)
            when placed.begins_here
                then
                    case
                        when placed.is_first then placed.started_at
                        else make_timestamptz(greatest(placed.started_us, placed.piece_from_us))
                    end
        end as started_at,
        case
            when placed.kind = 'iteration' and placed.piece_status = 'open' then null
            when placed.kind = 'iteration' then make_timestamptz(placed.piece_until_us)
            when placed.ended_at is null and placed.is_last then null
            when placed.is_last then placed.ended_at
            else make_timestamptz(least(placed.ended_us, placed.piece_until_us))
        end as ended_at,
        case
            when placed.kind = 'iteration' then placed.piece_status
            when placed.is_last then placed.status
            else 'finished'
        end as status,
        case when placed.is_first then placed.after else '' end as after,
        -- A forecast was of the iteration as recorded.
        cast(null as double) as forecast_seconds
    )
from placed
