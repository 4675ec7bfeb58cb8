-- Grain: one tooling change of one iteration. Inputs: tool_arms. Absent means not recorded, never baseline.
select
    study,
    iteration,
    tool,
    arm
from tool_arms
