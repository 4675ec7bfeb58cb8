"""Where the wall-clock goes, against seconds counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from known_loops import Loops, job, phase, stage
from test_replay_graph import any_iteration

from tracker.speedup import phase_breakdown, replay_graph
from tracker.speedup.replay.occupancy import occupancy


def loop(regime="toy"):
    """5 s alone, 10 s queue, 30 s run of which 10 s beside reading, 5 s of nothing, 10 s alone: 60 s."""
    return [
        phase("launch", 0, 5),
        job("train", 15, 45, queued=5),
        stage("train", "load", 15, 25),
        phase("read", 20, 30),
        phase("decide", 50, 60),
    ]


@pytest.fixture(scope="module")
def breakdown():
    """Six toy loops and five real ones, which are the same."""
    loops = Loops()
    for number in range(11):
        loops.iteration(loop(), regime="toy" if number < 6 else "real")
    return phase_breakdown(loops.table(), draws=100)


def test_four_kinds_of_seconds_add_up(breakdown):
    """By hand: active 15, overlapped 10, waiting 30, unattributed 5, for each loop."""
    toy = breakdown["toy"]
    assert (toy.active_seconds, toy.overlapped_seconds) == (6 * 15, 6 * 10)
    assert (toy.waiting_seconds, toy.unattributed_seconds) == (6 * 30, 6 * 5)
    assert toy.elapsed_seconds == 6 * 60


def test_rows_give_seconds_and_shares(breakdown):
    """The job's queue is not part of its run; what no stage covers is `other`."""
    seconds = {row.target: row.seconds / 6 for row in breakdown["toy"].rows}
    assert seconds == {
        "phase:launch": 5,
        "phase:read": 10,
        "phase:decide": 10,
        "job": 30,
        "job:train": 30,
        "queue": 10,
        "stage:load": 10,
        "stage:other": 20,
    }
    assert breakdown["toy"].rows[0].fraction == pytest.approx(5 / 60)


def test_ceilings_count_overlap_once(breakdown):
    """Reading beside the job is hidden by it, so removing it saves nothing; the queue is 10 s of 60."""
    ceiling = {row.target: row.ceiling for row in breakdown["toy"].rows}
    assert ceiling["phase:read"].speedup == 1
    assert ceiling["queue"].speedup == pytest.approx(60 / 50)
    assert ceiling["stage:load"] is None


def test_regimes_stand_beside_the_mix(breakdown):
    """In that order, with n."""
    assert {regime: part.n for regime, part in breakdown.items()} == {"toy": 6, "real": 5, "mixed": 11}


@settings(max_examples=200, deadline=None)
@given(any_iteration())
def test_seconds_add_up_whatever_the_spans(spans):
    """Each kind is at least zero, and the four are the elapsed seconds."""
    graph = replay_graph(Loops().iteration(spans, seconds=50).table())
    parts = occupancy(graph)
    kinds = np.array([parts.active, parts.waiting, parts.overlapped, parts.unattributed])
    assert np.all(kinds >= 0)
    np.testing.assert_allclose(kinds.sum(axis=0), graph.iterations.seconds)
