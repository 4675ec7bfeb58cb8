-- Grain: one chunk of the spans of a run, as shipped: a JSON array, when nobody has edited it by hand; empty fields
-- were left out. Inputs: mlflow_chunks.
select
    run_uuid,
    try_cast(split_part(key, '/', 2) as integer) as chunk_number,
    json_valid(value) as is_json,
    case
        when json_valid(value) then
            from_json(
                value,
                '[{"span":"VARCHAR","parent":"VARCHAR","kind":"VARCHAR","name":"VARCHAR","person":"VARCHAR",
                   "enabled_at":"TIMESTAMPTZ","started_at":"TIMESTAMPTZ","ended_at":"TIMESTAMPTZ",
                   "last_at":"TIMESTAMPTZ","after":"VARCHAR","status":"VARCHAR","forecast_seconds":"DOUBLE",
                   "options":"JSON","choice":"VARCHAR","reason":"VARCHAR","clarity":"VARCHAR","timed_by":"VARCHAR",
                   "inferred":"BOOLEAN","attempt":"INTEGER","device":"VARCHAR","ranks":"INTEGER","config":"JSON"}]'
            )
    end as span_rows
from mlflow_chunks
