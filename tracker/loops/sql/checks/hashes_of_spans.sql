-- Grain: one span. Inputs: span_ids. Equal ids have equal hashes.
select hash(span) as hashed
from span_ids
