"""Where MLflow is, and how its address is shown: without user and password, always."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

SQLITE = "sqlite:///"

_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s'\"]*@")
_SECRET_PARAMETERS = re.compile(r"(?i)pass|pwd|secret|token|key|user")
_SECRET_IN_TEXT = re.compile(r"(?i)((?:password|passwd|pwd|token|secret)=)[^\s&;'\"]+")


def store_uri(folder: Path) -> str:
    """Returns the MLflow store: `TRACKER_URI`, by default a SQLite file in the home folder."""
    return os.environ.get("TRACKER_URI") or f"{SQLITE}{folder / 'mlflow.db'}"


def shown_uri(uri: str) -> str:
    """Returns the address without user, password and secret parameters: what may be printed, logged or kept."""
    try:
        parts = urlsplit(uri)
    except ValueError:  # no address that Python can take apart: nothing of it is shown but what it begins with
        return f"{uri.split('://')[0]}://…"
    place = parts.netloc.rpartition("@")[2]
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if not _SECRET_PARAMETERS.search(key)])
    shown = urlunsplit((parts.scheme, place, parts.path, query, ""))
    # urlunsplit leaves out the slashes of an address without a place, and those of sqlite:///file are three.
    return shown if place or "://" not in uri else shown.replace(f"{parts.scheme}:", f"{parts.scheme}://", 1)


def without_credentials(text: str, uri: str = "") -> str:
    """Returns a message with every user and password in it left out, those of `uri` in whatever form they appear."""
    try:
        secrets = [part for part in (urlsplit(uri).password, urlsplit(uri).username) if part]
    except ValueError:
        secrets = []
    text = _SECRET_IN_TEXT.sub(r"\1…", _CREDENTIALS.sub("", text.replace(uri, shown_uri(uri)) if uri else text))
    for secret in secrets:
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", "…", text)
    return text
