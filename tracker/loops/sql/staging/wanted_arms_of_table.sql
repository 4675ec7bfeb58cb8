-- Grain: one tooling change of an iteration that is taken from this table. Inputs: arms_of_table, wanted_of_table.
select arms_of_table.*
from arms_of_table
semi join wanted_of_table
    on arms_of_table.study = wanted_of_table.study and arms_of_table.iteration = wanted_of_table.iteration
