"""Carries the journal to MLflow, outside the experiment; `mlflow_store` is the one module that writes MLflow."""
