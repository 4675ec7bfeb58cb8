-- Grain: one span of the iterations that are taken from this table. Inputs: spans_of_table, wanted_of_table.
select spans_of_table.*
from spans_of_table
semi join wanted_of_table
    on spans_of_table.study = wanted_of_table.study and spans_of_table.iteration = wanted_of_table.iteration
