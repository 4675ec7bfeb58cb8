"""What the pages show first is there before anybody asks, of the snapshot at the start and of those that follow."""

from pathlib import Path

import pytest
from known_store import iteration_spans, publish_spans

from tracker.dashboard import kept, warming

ROUTER = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def memory(monkeypatch):
    """What is kept from here on."""
    fresh = kept.Kept()
    monkeypatch.setattr(kept, "_kept", lambda: fresh)
    return fresh


def test_opening_every_page_leaves_nothing_for_the_first_visitor_to_estimate(known, place, app, memory, monkeypatch):
    """After it every page is opened without a result being made."""
    warming.make_ready(ROUTER, place)
    made = []
    get = memory.get
    monkeypatch.setattr(memory, "get", lambda key, file, make: get(key, file, lambda: made.append(key) or make()))
    for page in warming.PAGES.glob("[!_]*.py"):
        test = app(page.stem)
        assert not test.exception
    assert made == []


def test_a_home_without_a_snapshot_is_ready_at_once(place, memory):
    """Every page shows its empty state; there is nothing to keep."""
    warming.make_ready(ROUTER, place)
    assert list(memory._results) == []


def test_a_snapshot_that_is_published_later_is_estimated(known, place, memory, monkeypatch):
    """The one that was there is left alone, the next one is warmed up, and the thread ends when it is told to."""
    monkeypatch.setattr(warming, "WORTH_WARMING", 1)
    published = []

    def wait(seconds):
        if not memory._results and not published:
            published.append(None)  # one round in which nothing is new
        elif published == [None]:
            spans = [iteration_spans("new-study", "toy", n, think=10 + n, queue=0, job=10) for n in range(6)]
            published[0] = publish_spans(place, [span for each in spans for span in each])
        else:
            return True
        return False

    warming.follow(place, known.manifest.snapshot, wait)
    assert memory._results
    assert all(str(published[0].folder) in key for key in memory._results)
