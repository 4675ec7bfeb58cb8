-- Grain: one span of one piece: the spans table under another rule for what one iteration is.
-- Inputs: told_spans, made_rows, pieces, span_mark.
-- A span that reaches over a boundary is cut there; no instant is counted twice. Every name says whose it is: a spans
-- table may have columns of any name.
with edges as (
    select
        *,
        make_timestamptz(from_us) as from_at,
        make_timestamptz(until_us) as until_at
    from pieces
)

select
    spans.* replace (
        edges.piece as iteration,
        case
            when spans.kind = 'iteration' and made_rows.span is not null
                then spans.span || span_mark.mark || edges.piece || '/row'
            when edges.is_first then spans.span
            else spans.span || span_mark.mark || edges.piece
        end as span,
        case
            when edges.is_first or spans.parent = '' then spans.parent
            else spans.parent || span_mark.mark || edges.piece
        end as parent,
        case
            when spans.kind = 'iteration' then edges.from_at
            when edges.is_first then spans.enabled_at
            else greatest(spans.enabled_at, edges.from_at)
        end as enabled_at,
        case
            when spans.kind = 'iteration' then edges.from_at
            -- What never began begins in no piece: `greatest` passes over NULL.
            when spans.started_at is null then null
            -- A decision begins in the piece that it ends; what else begins at that instant is the next piece's.
            when spans.started_at >= edges.until_at and spans.kind <> 'decision' and not edges.is_last then null
            when edges.is_first then spans.started_at
            else greatest(spans.started_at, edges.from_at)
        end as started_at,
        case
            when spans.kind = 'iteration' and edges.status = 'open' then null
            when spans.kind = 'iteration' then edges.until_at
            when edges.is_last and spans.ended_at is null and edges.own_until_us is not null
                then greatest(make_timestamptz(edges.own_until_us), spans.enabled_at, spans.started_at)
            when edges.is_last then spans.ended_at
            else least(coalesce(spans.ended_at, edges.until_at), edges.until_at)
        end as ended_at,
        -- What is open counts to its last event, which may have been the end of an iteration that was joined to it.
        case when spans.kind = 'iteration' and edges.status = 'open' then edges.until_at end as last_at,
        case
            when spans.kind = 'iteration' then edges.status
            -- What was cut failed, if it did, in the piece in which it ended.
            when edges.is_last or spans.ended_at <= edges.until_at then spans.status
            else 'finished'
        end as status,
        case when edges.is_first then spans.after else '' end as after,
        -- A forecast was of the iteration as recorded.
        cast(null as double) as forecast_seconds
    )
from told_spans as spans
inner join edges on spans.study = edges.study and spans.iteration = edges.iteration
left join made_rows on spans.study = made_rows.study and spans.iteration = made_rows.iteration
cross join span_mark
where
    case
        when spans.kind = 'iteration' then edges.is_named
        -- A decision ends the piece before; what has no length belongs to where it begins.
        when spans.kind = 'decision'
            then
                (coalesce(spans.started_at, spans.enabled_at) > edges.from_at or edges.is_first)
                and (coalesce(spans.started_at, spans.enabled_at) <= edges.until_at or edges.is_last)
        else
            (spans.enabled_at < edges.until_at or edges.is_last)
            and (
                coalesce(spans.ended_at, edges.until_at) > edges.from_at
                or spans.enabled_at >= edges.from_at
                or edges.is_first
            )
    end
