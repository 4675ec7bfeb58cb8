-- Grain: that of the mart. Inputs: chosen (rows of the mart iterations), arms.
select arms.*
from arms
semi join chosen on arms.study = chosen.study and arms.iteration = chosen.iteration
