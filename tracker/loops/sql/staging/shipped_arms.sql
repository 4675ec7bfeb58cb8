-- Grain: one tooling change of one iteration. Absent means not recorded, never baseline.
select
    iteration_runs.study,
    iteration_runs.iteration,
    lower(mlflow_tags.value) as arm,
    substr(mlflow_tags.key, length('tracker.tool.') + 1) as tool
from mlflow_tags
inner join iteration_runs on mlflow_tags.head_number = iteration_runs.head_number
where mlflow_tags.key like 'tracker.tool.%' and mlflow_tags.value <> ''
