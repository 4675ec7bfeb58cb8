"""What clocks do, and what nothing recorded may do because of it: shrink, grow, or go backwards. With a fake clock."""

import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracker
from tests.capture.homes import iterations_in
from tracker.capture import recorder
from tracker.capture.recorder import Recorder
from tracker.shipping.record import iteration_record
from tracker.testing import FakeClock, recording

HOUR = 3_600
# 2026: Berlin goes from 2 to 3 o'clock on 29 March, and from 3 back to 2 on 25 October, both at 1:00 UTC.
SPRING_UTC, AUTUMN_UTC = 1_774_746_000, 1_792_890_000


def seconds(span):
    return (span.ended_at - span.started_at) / 1e6


def lengths(iteration):
    return {span.name: seconds(span) for span in iteration.spans}


@pytest.mark.parametrize(("step", "direction"), [(HOUR, "forward"), (-HOUR, "back"), (-20 * 365 * 24 * HOUR, "back")])
def test_a_step_in_the_middle_moves_nothing_and_is_told(step, direction):
    """10 s of phase and 20 s of job with the wall clock set inside of each: exact, and said in words with the size."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.phase("think"):
            recorded.clock.advance(5)
            recorded.clock.step(step)
            recorded.clock.advance(5)
        with it.job("train"):
            recorded.clock.advance(20)
        (iteration,) = recorded.iterations()
    assert lengths(iteration) == {"think": 10.0, "train": 20.0}
    (note,) = iteration.clock_notes
    assert f"set {direction} by {abs(step):,} s" in note
    assert "durations do not follow it" in note
    assert iteration_record(iteration).tags["tracker.clock"] == note


def test_a_clock_that_is_disciplined_has_not_been_set():
    """NTP slews at most 500 ppm: 18 s in ten hours are no step, and no length follows them."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        for _ in range(10):
            with it.job("train"):
                recorded.clock.advance(HOUR)
                recorded.clock.step(1.8)
        (iteration,) = recorded.iterations()
    assert {seconds(job) for job in iteration.spans} == {float(HOUR)}
    assert iteration.clock_notes == ()


def test_a_suspend_is_nobodys_time_and_is_told():
    """Ten seconds of a job with eight hours of sleep in the middle: two parts of five seconds, and nobody's night."""
    with recording() as recorded:
        with tracker.iteration("one", study="s") as it, it.job("train"):
            recorded.clock.advance(5)
            recorded.clock.suspend(8 * HOUR)
            recorded.clock.advance(5)
        (iteration,) = recorded.iterations()
    metrics = iteration_record(iteration).metrics
    assert [seconds(job) for job in iteration.spans] == [5.0, 5.0]
    assert (metrics["waiting_seconds"], metrics["unattributed_seconds"]) == (10.0, 8.0 * HOUR)
    assert iteration.clock_notes == (
        "The machine slept for 28,800 s: nobody and nothing is said to have worked in that time.",
    )


def test_a_step_and_a_suspend_together_are_told_apart():
    """A laptop that wakes up without a battery-backed clock: asleep for an hour, and the wall clock a day behind."""
    with recording() as recorded:
        with tracker.iteration("one", study="s") as it, it.phase("think"):
            recorded.clock.advance(60)
            recorded.clock.step(-24 * HOUR)
            recorded.clock.suspend(HOUR)
            recorded.clock.advance(60)
        (iteration,) = recorded.iterations()
    assert [seconds(phase) for phase in iteration.spans] == [60.0, 60.0]
    assert [note.split(" by ")[0].split(" for ")[0] for note in iteration.clock_notes] == [
        "The wall clock was set back",
        "The machine slept",
    ]


@pytest.mark.parametrize("change", [SPRING_UTC, AUTUMN_UTC])
def test_a_dst_night_is_as_long_as_it_was(monkeypatch, change):
    """Berlin, from 22 o'clock UTC the day before to 4: six hours on either night, whatever the wall shows."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    clock = FakeClock(wall_ns=(change - 3 * HOUR) * 10**9)
    try:
        offsets = [time.localtime(change + side * HOUR).tm_gmtoff for side in (-1, 1)]
        with recording(clock) as recorded:
            with tracker.iteration("one", study="s") as it, it.job("train"):
                clock.advance(6 * HOUR)
            (iteration,) = recorded.iterations()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert sorted(offsets) == [HOUR, 2 * HOUR]  # this machine knows of the change
    assert (lengths(iteration), iteration.clock_notes) == ({"train": 6.0 * HOUR}, ())
    assert iteration.started_at == (change - 3 * HOUR) * 10**6


def on_another_host(it, clock, body):
    """Records in the iteration as a process of another machine does, with a clock and a segment of its own."""
    own = Recorder(clock)
    with recorder.replaced(own):
        body(pickle.loads(pickle.dumps(it)))
    own.close()


def train(clock, seconds):
    def body(it):
        with it.job("train"):
            clock.advance(seconds)

    return body


@pytest.mark.parametrize(
    ("skew", "said"), [(-2 * HOUR, "behind"), (2 * HOUR, "ahead of"), (-50 * 365 * 24 * HOUR, "behind")]
)
def test_a_host_whose_clock_is_wrong_joins_with_true_lengths(home, skew, said):
    """Ten seconds of a job on a machine hours off: within the iteration, ten seconds long, moved and told."""
    here, there = FakeClock(boot="here"), FakeClock(monotonic_ns=77, boot="there")
    there.step(skew)
    own = Recorder(here)
    with recorder.replaced(own):
        with tracker.iteration("one", study="s") as it:
            here.advance(1)
            there.advance(1)
            on_another_host(it, there, train(there, 10))
            here.advance(10)
    own.close()
    (iteration,) = iterations_in(home)
    (job,) = iteration.spans
    assert seconds(job) == 10.0
    assert iteration.started_at <= job.started_at <= job.ended_at <= iteration.ended_at
    (note,) = iteration.clock_notes
    assert said in note
    assert "lengths are as recorded" in note


def test_a_job_does_not_begin_before_it_was_enqueued_whatever_the_other_clock_says(home):
    """Enqueued here, started on a machine that is a minute behind: no negative queue."""
    here, there = FakeClock(boot="here"), FakeClock(monotonic_ns=5, boot="there")
    own = Recorder(here)
    with recorder.replaced(own):
        with tracker.iteration("one", study="s") as it:
            here.advance(30)
            ticket = it.submit("train")
            there.step(-60)
            other = Recorder(there)
            with recorder.replaced(other), pickle.loads(pickle.dumps(ticket)).job():
                there.advance(10)
            other.close()
            here.advance(60)
    own.close()
    (iteration,) = iterations_in(home)
    (job,) = iteration.spans
    assert job.enabled_at <= job.started_at
    assert (seconds(job), len(iteration.clock_notes)) == (10.0, 1)


def test_an_attempt_after_a_reboot_comes_after_the_first(home):
    """The monotonic clock begins anew and the wall clock was set back: two jobs in order, of their true lengths."""
    for clock in (
        FakeClock(monotonic_ns=10**15, boot="one"),
        FakeClock(FakeClock().wall_ns() - HOUR * 10**9, boot="two"),
    ):
        own = Recorder(clock)
        with recorder.replaced(own):
            it = tracker.iteration("sweep", study="s", resume=True).__enter__()
            with it.job("train"):
                clock.advance(10)
            it.__exit__(RuntimeError, RuntimeError(), None)
        own.close()
    (iteration,) = iterations_in(home)
    first, second = iteration.spans
    assert [seconds(first), seconds(second)] == [10.0, 10.0]
    assert first.ended_at <= second.started_at <= iteration.ended_at


MOVES = st.lists(
    st.tuples(st.sampled_from(["advance", "step", "suspend"]), st.integers(-(10**6), 10**6)), min_size=1, max_size=12
)


@settings(max_examples=100, deadline=None)
@given(moves=MOVES)
def test_whatever_the_clocks_do_time_passes_once(moves):
    """Phases and jobs in turn, any steps and sleeps: the whole is what has passed, the parts what was awake."""
    passed = slept = 0
    with recording() as recorded:
        with tracker.iteration("one", study="s") as it:
            for number, (move, size) in enumerate(moves):
                with it.job("train") if number % 2 else it.phase("think"):
                    size = size if move == "step" else abs(size) + 2  # a sleep of a second or less goes unnoticed
                    getattr(recorded.clock, move)(size)
                passed += size if move != "step" else 0
                slept += size if move == "suspend" else 0
        (iteration,) = recorded.iterations()
    assert all(span.ended_at >= span.started_at >= iteration.started_at for span in iteration.spans)
    assert seconds(iteration) == passed
    assert sum(seconds(span) for span in iteration.spans) == passed - slept
    assert bool(iteration.clock_notes) == (slept > 0 or any(move == "step" and abs(size) > 1 for move, size in moves))
