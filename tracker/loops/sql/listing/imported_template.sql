-- Grain: no row. One iteration of one imported table, whose fingerprint is that of the file.
select
    cast(null as integer) as source_number,
    cast(null as varchar) as study,
    cast(null as varchar) as iteration,
    cast(null as varchar) as fingerprint
where false
