-- Grain: one run whose spans have to be read from MLflow. Inputs: changed_iterations.
select run_uuid
from changed_iterations
where source = 'mlflow'
