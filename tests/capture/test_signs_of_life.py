"""A process that is silent for hours says now and then that it lives, so that a kill does not lose those hours."""

import tracker
from tracker.capture.recorder import process_recorder
from tracker.testing import recording

HOUR = 3_600


def train_silently(recorded, seconds):
    """A clock that goes on, and the thread that looks at it once a second."""
    for _ in range(seconds):
        recorded.clock.advance(1)
        process_recorder().tick()


def test_a_killed_iteration_ends_at_its_last_sign_of_life():
    """An hour of training without a call, killed: at most half a minute of it is lost, and the job has the rest."""
    with recording() as recorded:
        with tracker.iteration("one", study="s") as it:
            it.job("train").__enter__()
            train_silently(recorded, HOUR)
            (found,) = recorded.iterations(is_alive=False)
    (job,) = found.spans
    assert (found.status, found.is_end_estimated, job.status) == ("killed", True, "killed")
    assert found.ended_at - found.started_at == job.ended_at - job.started_at == HOUR * 1_000_000


def test_a_sign_costs_next_to_nothing():
    """One event in half a minute, and none where no iteration is open."""
    with recording() as recorded:
        with tracker.iteration("one", study="s"):
            train_silently(recorded, HOUR)
        train_silently(recorded, HOUR)
    assert [event["event"] for event in recorded.events].count("alive") == HOUR // 30


def test_an_iteration_that_ended_is_as_long_as_it_says():
    """Signs of life change nothing where the end was recorded."""
    with recording() as recorded:
        with tracker.iteration("one", study="s"):
            train_silently(recorded, 45)
    (found,) = recorded.iterations()
    assert (found.status, found.ended_at - found.started_at) == ("finished", 45_000_000)
