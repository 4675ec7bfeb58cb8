"""Answers the questions next to the one on the page before they are asked: a step of k to either side."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from uuid import uuid4

import streamlit as st

from tracker.dashboard import asking, estimates
from tracker.dashboard.asking import Asked
from tracker.dashboard.drawn import draw
from tracker.dashboard.warming import WORTH_WARMING, without_context
from tracker.dashboard.what_if_parts import curve_chart
from tracker.loops.snapshots import Snapshot
from tracker.reporting import charts
from tracker.speedup import NotEstimable

VIEWER = "viewer_ahead_of_whom"


class Ahead:
    """One thread for all viewers; what nobody waits for any more is left out."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._waiting: dict[str, list[Future[None]]] = {}
        self._lock = Lock()

    def answer(
        self, viewer: str, snapshot: Snapshot, study: str | None, asked: Asked, level: float, group: str
    ) -> None:
        """Answers what is next to a question, unless the viewer asks another before."""
        with self._lock:
            for future in self._waiting.pop(viewer, []):
                future.cancel()
            self._waiting[viewer] = [
                self._pool.submit(_answer, snapshot, study, each, level, group) for each in beside(asked)
            ]
            done = [each for each, futures in self._waiting.items() if all(future.done() for future in futures)]
            for each in done:
                del self._waiting[each]


def beside(asked: Asked) -> list[Asked]:
    """What one step of the slider asks; nothing where no k is asked about."""
    if not asked.is_scaling:
        return []
    # No further: each takes the server a third of a second at 100,000 iterations, and the browser draws meanwhile.
    ks = [k for k in (asked.k + asking.K_STEP, asked.k - asking.K_STEP) if asking.K_LOW <= k <= asking.K_HIGH]
    return [Asked((f"scale:{asked.target}:{k:g}", *asked.others), asked.target, k) for k in ks]


def look_ahead(snapshot: Snapshot, study: str | None, asked: Asked, level: float, group: str) -> None:
    """Answers what is next to the question on this viewer's page; of few iterations that takes no time worth saving."""
    if snapshot.manifest.iterations >= WORTH_WARMING:
        viewer = st.session_state.setdefault(VIEWER, uuid4().hex)
        _ahead().answer(viewer, snapshot, study, asked, level, group)


@st.cache_resource(show_spinner=False)
def _ahead() -> Ahead:
    return Ahead()


def _answer(snapshot: Snapshot, study: str | None, asked: Asked, level: float, group: str) -> None:
    with without_context():
        result = estimates.what_if(snapshot, study, asked.changes, level, group)  # shown large, so it comes first
        curve = estimates.curve(snapshot, study, asked.target, asked.others, group, level)
        if not isinstance(curve, NotEstimable):
            points, words = curve_chart(curve, asked, result)
            draw(charts.k_curve, points, **words)
        estimates.what_ifs(snapshot, study, asked.changes, level, group)
