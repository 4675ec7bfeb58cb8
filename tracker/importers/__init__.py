"""What happened before the hook: takes records in from elsewhere and keeps them under `TRACKER_HOME/imports/`."""
