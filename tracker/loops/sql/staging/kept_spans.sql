-- Grain: no row. What stays of the spans of a snapshot, for when there is none to go on from.
select
    cast(null as varchar) as study,
    cast(null as varchar) as iteration,
    cast(null as varchar) as kind,
    cast(null as timestamptz) as enabled_at,
    cast(null as timestamptz) as ended_at
where false
