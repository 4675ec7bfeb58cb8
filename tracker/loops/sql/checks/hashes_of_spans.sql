-- Grain: one span. Inputs: recorded_spans. Equal ids have equal hashes.
select hash(span) as hashed
from recorded_spans
