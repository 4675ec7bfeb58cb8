-- Grain: no row. The optional columns of the spans table, so that a table without them can be read by name.
select
    cast(null as varchar) as study,
    cast(null as varchar) as regime,
    cast(null as varchar) as person,
    cast(null as varchar) as parent,
    cast(null as varchar) as resource,
    cast(null as varchar) as enabled_at,
    cast(null as varchar) as after,
    cast(null as varchar) as status,
    cast(null as varchar) as evidence,
    cast(null as varchar) as forecast_seconds,
    cast(null as varchar) as options,
    cast(null as varchar) as choice,
    cast(null as varchar) as reason,
    cast(null as varchar) as clarity,
    cast(null as varchar) as timed_by,
    cast(null as varchar) as inferred,
    cast(null as varchar) as attempt,
    cast(null as varchar) as device,
    cast(null as varchar) as ranks,
    cast(null as varchar) as config
where false
