-- Grain: one span, as shipped; empty fields were left out. Inputs: mlflow_chunks. A chunk that is no JSON array,
-- because somebody edited it by hand, has none. What may be JSON within is text: DuckDB's own type for it takes longer.
with parsed as (
    select
        run_number,
        try_cast(split_part(key, '/', 2) as integer) as chunk_number,
        unnest(
            try(
                from_json(
                    value,
                    '[{"span":"VARCHAR","parent":"VARCHAR","kind":"VARCHAR","name":"VARCHAR","person":"VARCHAR",
                       "enabled_at":"TIMESTAMPTZ","started_at":"TIMESTAMPTZ","ended_at":"TIMESTAMPTZ",
                       "last_at":"TIMESTAMPTZ","after":"VARCHAR","status":"VARCHAR","forecast_seconds":"DOUBLE",
                       "options":"VARCHAR","choice":"VARCHAR","reason":"VARCHAR","clarity":"VARCHAR",
                       "timed_by":"VARCHAR","inferred":"BOOLEAN","attempt":"INTEGER","device":"VARCHAR",
                       "ranks":"INTEGER","config":"VARCHAR"}]'
                )
            )
        ) as row_fields
    from mlflow_chunks
)

select
    run_number,
    chunk_number,
    unnest(row_fields)
from parsed
