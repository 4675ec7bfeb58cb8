-- Grain: no row. The arms of a table that has no `tool.NAME` column.
select
    cast(null as varchar) as study,
    cast(null as varchar) as iteration,
    cast(null as varchar) as arm,
    cast(null as varchar) as tool
where false
