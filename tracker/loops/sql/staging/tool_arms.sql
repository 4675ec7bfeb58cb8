-- Grain: one tooling change of one iteration. Inputs: shipped_arms, imported_arms.
select * from shipped_arms
union all by name
select * from imported_arms
