-- Grain: no row. The optional columns of the spans table, so that a table without them can be read by name.
-- They have no type, so that those of the table stand. To be a view: a table would give them one.
select
    null as study,
    null as regime,
    null as person,
    null as parent,
    null as resource,
    null as enabled_at,
    null as last_at,
    null as after,
    null as status,
    null as evidence,
    null as forecast_seconds,
    null as options,
    null as choice,
    null as reason,
    null as clarity,
    null as timed_by,
    null as inferred,
    null as attempt,
    null as device,
    null as ranks,
    null as config
where false
