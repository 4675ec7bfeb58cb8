"""Carries the journal to MLflow, outside the experiment; `mlflow_store` is the one module that writes MLflow."""

# MLflow reads its settings when it is imported; every way to it leads through this package.
from tracker.shipping import mlflow_environment as mlflow_environment
