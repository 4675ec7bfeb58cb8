"""Where MLflow is, for this room: the same for whoever ships and whoever reads."""

from tracker.capture.addresses import SQLITE, shown_uri, store_uri, without_credentials

__all__ = ["SQLITE", "shown_uri", "store_uri", "without_credentials"]
