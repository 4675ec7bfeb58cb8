"""Reads the runs of an MLflow tracking server over its REST interface (https://mlflow.org/docs/latest/rest-api.html)."""

import base64
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pyarrow as pa

from tracker.importers.mlflow_pages import RUNS, Page, UnreadableStore

TIMEOUT_SECONDS = 60.0
# A server that is busy or restarts is asked again; then the import stops, and goes on when it is called again.
_PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
_PAGE_RUNS = 1_000


class RestPages:
    """A tracking server, of which pages of runs are asked for, one experiment after the other.

    Args:
        uri: http(s)://[user:password@]host; else `MLFLOW_TRACKING_USERNAME`, `_PASSWORD` and `_TOKEN` count.
        sleep: Waits between tries.

    Raises:
        UnreadableStore: It does not answer as a tracking server does.
        ConnectionError: It does not answer now.
    """

    def __init__(self, uri: str, sleep: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(uri)
        self._base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
        self._headers = {"Content-Type": "application/json", **_authorization(parts.username, parts.password)}
        self._sleep = sleep
        self._experiments = self._all_experiments()

    def page(self, following: str) -> Page:
        """Returns a page of runs. `following` is the number of an experiment's place and the server's own token."""
        if not self._experiments:
            return Page(RUNS.empty_table(), "")
        place, token = _parse(following)
        identity, name, stage = self._experiments[place]
        answer = self._ask(
            "runs/search",
            {
                "experiment_ids": [identity],
                "max_results": _PAGE_RUNS,
                "run_view_type": "ACTIVE_ONLY",
                "order_by": ["attributes.start_time ASC"],  # runs that are made meanwhile come last
                **({"page_token": token} if token else {}),
            },
        )
        runs = [_row(run, name, stage) for run in answer.get("runs", [])]
        token = answer.get("next_page_token") or ""
        return Page(pa.Table.from_pylist(runs, RUNS), _format(place, token, len(self._experiments)))

    def _all_experiments(self) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        token = ""
        while True:
            asked = {"max_results": 1_000, "view_type": "ACTIVE_ONLY", **({"page_token": token} if token else {})}
            answer = self._ask("experiments/search", asked)
            for experiment in answer.get("experiments", []):
                stage = experiment.get("lifecycle_stage", "active")
                found.append((experiment["experiment_id"], experiment.get("name", ""), stage))
            token = answer.get("next_page_token") or ""
            if not token:
                return sorted(found)

    def _ask(self, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        for pause in (*_PAUSES_SECONDS, None):
            try:
                return self._post(what, asked)
            except urllib.error.HTTPError as error:
                if error.code not in _PASSING:
                    raise UnreadableStore(_refusal(error.code)) from error
                failure: Exception = error
            except (OSError, http.client.HTTPException) as error:
                failure = error
            if pause is not None:
                self._sleep(pause)
        raise ConnectionError(
            f"the server does not answer ({failure}); give the same command again, and the import goes on"
        ) from failure

    def _post(self, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        url = f"{self._base}/api/2.0/mlflow/{what}"
        request = urllib.request.Request(url, json.dumps(asked).encode("ascii"), self._headers, method="POST")
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            content = answer.read()
        try:
            said = json.loads(content)
        except ValueError as error:
            raise UnreadableStore("the server answers, and not as MLflow's does") from error
        if not isinstance(said, dict):
            raise UnreadableStore("the server answers, and not as MLflow's does")
        return said


def _row(run: dict[str, Any], study: str, stage: str) -> dict[str, Any]:
    info, data = run.get("info", {}), run.get("data", {})
    tags = {tag.get("key"): tag.get("value") for tag in data.get("tags", [])}
    signs = [_whole(metric.get("timestamp")) for metric in data.get("metrics", [])]
    return {
        "run": info.get("run_id") or info.get("run_uuid"),
        "study": study,
        "study_stage": stage,
        "parent": tags.get("mlflow.parentRunId"),
        "name": info.get("run_name") or tags.get("mlflow.runName"),
        "person": tags.get("mlflow.user") or info.get("user_id"),
        "state": info.get("status"),
        "is_ours": any(str(key).startswith("tracker.") for key in tags),
        "started_ms": _whole(info.get("start_time")),
        "ended_ms": _whole(info.get("end_time")),
        "last_metric_ms": max((sign for sign in signs if sign is not None), default=None),
    }


def _whole(value: Any) -> int | None:
    """Returns a number of milliseconds, which JSON may bring as text; what is none is not known."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < 1 << 62 else None


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if user is None and token:
        return {"Authorization": f"Bearer {token}"}
    user = os.environ.get("MLFLOW_TRACKING_USERNAME") if user is None else unquote(user)
    if not user:
        return {}
    word = os.environ.get("MLFLOW_TRACKING_PASSWORD", "") if password is None else unquote(password)
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{word}'.encode()).decode('ascii')}"}


def _refusal(code: int) -> str:
    if code in (401, 403):
        return (
            f"the server refused ({code}); set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "
            "or MLFLOW_TRACKING_TOKEN"
        )
    return f"the server answered {code}; its address must be that of an MLflow tracking server"


def _parse(following: str) -> tuple[int, str]:
    place, _, token = following.partition(" ")
    return int(place or 0), token


def _format(place: int, token: str, experiments: int) -> str:
    if token:
        return f"{place} {token}"
    return f"{place + 1} " if place + 1 < experiments else ""
