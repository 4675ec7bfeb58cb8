"""A home with one recorded iteration, whose process is over."""

import os

import pytest

import tracker
from tracker.capture import recorder
from tracker.capture.recorder import Recorder
from tracker.testing import FakeClock


@pytest.fixture
def record(store_home):
    """Records iterations of 10 s with a phase and a job each, in a segment of their own, and closes it."""
    clock = FakeClock(boot="")

    def record(*names, study="s", because="0.81 > 0.78", jobs=1):
        own = Recorder(clock)
        with recorder.replaced(own):
            for name in names:
                with tracker.iteration(name, study=study, regime="toy", tools={"cache": True}) as it:
                    with it.phase("think"):
                        clock.advance(4)
                    for _ in range(jobs):
                        with it.job("train", config={"k": 32}):
                            clock.advance(6)
                    it.decide("k=32", options=["k=16", "k=32"], because=because, clarity="clear")
        own.close()
        for path in (store_home / "journal").glob("*.journal"):
            os.utime(path, (0, 0))  # its writer has been silent for long: nobody takes it for alive
        return store_home

    return record
