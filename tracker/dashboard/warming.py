"""Makes what the pages show first before anybody asks: every page once before the server listens, and its numbers again
in a thread whenever a newer snapshot is published.
"""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tracker.dashboard import asking, estimates, measurements, reads
from tracker.loops.snapshots import NoSnapshot, Snapshot, open_latest, snapshots_folder
from tracker.loops.store import DatabaseError, StoreError
from tracker.reporting.text import format_count

PAGES = Path(__file__).with_name("pages")
# Fewer iterations than this are estimated in less time than a page takes to be drawn.
WORTH_WARMING = 2_000
LOOK_AGAIN_SECONDS = 5.0
LONGEST_SECONDS = 3_600.0


def make_ready(router: Path, home: Path) -> None:
    """Opens every page once, as somebody would who follows no link, and keeps what it estimated, drew and imported.

    Must be called before there is a server: Streamlit runs pages without one only while none is there.
    """
    snapshot = _latest(home)
    if snapshot is not None and snapshot.manifest.iterations >= WORTH_WARMING:
        count = format_count(snapshot.manifest.iterations, "iteration")
        sys.stdout.write(f"  Making ready what the pages show first of {count}; it is kept for the next start.\n")
        sys.stdout.flush()
    visitor = AppTest.from_file(str(router), default_timeout=LONGEST_SECONDS).run()
    for page in sorted(PAGES.glob("[!_]*.py")):
        visitor.switch_page(str(page.relative_to(router.parent))).run()
    if snapshot is not None:
        # Kept results may have spared it so far, and a control that is moved needs it.
        estimates.graph_of(snapshot, None)


def follow(home: Path, seen: str, wait: Callable[[float], bool]) -> None:
    """Estimates for each snapshot that is published what its first views show.

    Args:
        home: Whose snapshots.
        seen: The snapshot that is ready already.
        wait: Waits so many seconds, and says whether to stop.
    """
    while not wait(LOOK_AGAIN_SECONDS):
        snapshot = _latest(home)
        if snapshot is not None and snapshot.manifest.snapshot != seen:
            seen = snapshot.manifest.snapshot
            warm_up(snapshot)


def start_following(home: Path) -> threading.Thread:
    """Begins to follow a home's snapshots, and returns the thread."""
    snapshot = _latest(home)
    seen = "" if snapshot is None else snapshot.manifest.snapshot
    wait = threading.Event().wait
    thread = threading.Thread(target=follow, args=(home, seen, wait), name="warming", daemon=True)
    thread.start()
    return thread


def warm_up(snapshot: Snapshot) -> None:
    """Estimates what the first views of a snapshot show; one of few iterations needs no warming."""
    if snapshot.manifest.iterations < WORTH_WARMING:
        return
    try:
        with without_context():
            _estimate(snapshot)
    except (StoreError, DatabaseError, OSError, ValueError) as error:  # ValueError: a plan in force is damaged
        # The page that needs it says so in words; a server without a warm start still serves.
        logging.getLogger(__name__).info("not warmed up: %s", error)


def _latest(home: Path) -> Snapshot | None:
    try:
        return open_latest(snapshots_folder(home))
    except (NoSnapshot, StoreError, OSError):
        return None  # the pages say it in words


def _estimate(snapshot: Snapshot) -> None:
    reads.regime_counts(snapshot, None)
    targets = reads.targets(snapshot, None)
    reads.filter_choices(snapshot)
    reads.weekly_trend(snapshot, None)
    reads.longest_waits(snapshot, None)
    estimates.breakdown(snapshot, None, estimates.LEVEL)
    estimates.shares(snapshot, None, estimates.LEVEL)
    first = f"scale:{targets[0]}:{asking.K:g}"
    estimates.what_ifs(snapshot, None, (first,), estimates.LEVEL, estimates.MIXED)
    estimates.curve(snapshot, None, targets[0], (), estimates.MIXED, estimates.LEVEL)
    estimates.tornado(snapshot, None, estimates.MIXED, estimates.LEVEL)
    for tool in reads.tools(snapshot):
        measurements.measurement(snapshot, tool, None, estimates.LEVEL)
    kinds = estimates.kinds_of_work(snapshot, None, None)
    if len(kinds) > 1:
        estimates.mix_of(snapshot, None, (first,), None, (kinds[0], kinds[1]))
    logging.getLogger(__name__).info("warm for %s", format_count(snapshot.manifest.iterations, "iteration"))


@contextmanager
def without_context() -> Iterator[None]:
    """Keeps Streamlit from writing a warning for each cached read outside of a page."""
    logger = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
