-- One row: whether a span's instants are out of order, as was counted on the way. Inputs: span_counts.
select coalesce(bool_or(is_reversed), false) as is_reversed
from span_counts
