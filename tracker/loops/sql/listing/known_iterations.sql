-- Grain: no row. What a snapshot says of the sources of its iterations, for when there is none to go on from.
select
    cast(null as varchar) as study,
    cast(null as varchar) as iteration,
    cast(null as varchar) as source,
    cast(null as varchar) as fingerprint
where false
