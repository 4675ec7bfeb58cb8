-- Grain: that of the mart. Inputs: chosen (rows of the mart iterations), spans.
select spans.*
from spans
semi join chosen on spans.study = chosen.study and spans.iteration = chosen.iteration
