"""MLflow's settings in our processes, made before MLflow is imported: no telemetry, no chatter, no hidden retries."""

import os

# The shipper's loop tries again by itself, and looks up first what got through; MLflow's own retries would send a
# `create_run` twice that the server has carried out and not answered.
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}

for _name, _value in SETTINGS.items():
    os.environ.setdefault(_name, _value)
