-- Grain: that of the mart. Inputs: base_rows (a mart of the last snapshot), gone_iterations.
select base_rows.*
from base_rows
anti join gone_iterations
    on base_rows.study = gone_iterations.study and base_rows.iteration = gone_iterations.iteration
