-- Grain: one tooling change of one iteration. Inputs: tool_arms. Two arms of one tool have equal hashes.
select hash(study, iteration, tool) as hashed
from tool_arms
