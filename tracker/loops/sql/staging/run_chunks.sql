-- Grain: one chunk of an iteration that is read. Inputs: parsed_chunks, iteration_runs. An iteration shipped again
-- with fewer chunks leaves the last ones behind.
select parsed_chunks.*
from parsed_chunks
inner join iteration_runs on parsed_chunks.run_uuid = iteration_runs.run_uuid
where parsed_chunks.chunk_number < iteration_runs.chunks
