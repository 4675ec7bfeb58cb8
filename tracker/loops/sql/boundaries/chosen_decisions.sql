-- Grain: that of the mart. Inputs: chosen (rows of the mart iterations), decisions.
select decisions.*
from decisions
semi join chosen on decisions.study = chosen.study and decisions.iteration = chosen.iteration
