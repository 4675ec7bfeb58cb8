"""A handle that is entered while it is open: nothing stays open for ever, and nothing is lost."""

import threading

import tracker
from tracker.testing import recording


def spans_of(recorded):
    """What was recorded, by kind, name and status."""
    return sorted((one.kind, one.name, one.status) for one in recorded.iterations()[0].spans)


def test_a_phase_entered_twice_ends_twice():
    """The inner one suspends the outer as any phase within a phase does; both are over at the end."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        phase = it.phase("think")
        with phase, phase:
            recorded.clock.advance(1.0)
    assert {status for _, _, status in spans_of(recorded)} == {"finished"}
    assert [event["event"] for event in recorded.events].count("phase_ended") == 2


def test_a_job_entered_twice_in_one_thread_is_one_job_with_a_stage():
    """As a job within a job is, whoever wrote the two."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        job = it.job("train")
        with job, job:
            recorded.clock.advance(1.0)
        recorded.clock.advance(1.0)
    assert spans_of(recorded) == [("job", "train", "finished"), ("stage", "train", "finished")]


def test_threads_that_share_a_handle_end_what_each_has_begun():
    """Whichever ends first, its job is as long as it ran and the other's goes on."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        job, first_is_in, first_may_go = it.job("train", background=True), threading.Event(), threading.Event()

        def first():
            with job:
                first_is_in.set()
                first_may_go.wait(10)

        thread = threading.Thread(target=first)
        thread.start()
        first_is_in.wait(10)
        recorded.clock.advance(1.0)
        with job:
            recorded.clock.advance(2.0)
            first_may_go.set()
            thread.join(10)
            recorded.clock.advance(4.0)
    lengths = [(one.ended_at - one.started_at) / 1e6 for one in recorded.iterations()[0].spans]
    assert sorted(lengths) == [3.0, 6.0]


def test_an_iteration_entered_twice_is_one_and_ends_where_it_began():
    """It is one turn of the loop, however often somebody says so."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it:
            recorded.clock.advance(1.0)
        with it.phase("decide"):
            recorded.clock.advance(1.0)
    (iteration,) = recorded.iterations()
    assert (iteration.ended_at - iteration.started_at) / 1e6 == 2.0
    assert spans_of(recorded) == [("phase", "decide", "finished")]


def test_a_handle_may_be_used_again_after_it_has_ended():
    """Each use is a span of its own."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        job = it.job("train")
        for _ in range(3):
            with job:
                recorded.clock.advance(1.0)
    assert spans_of(recorded) == [("job", "train", "finished")] * 3
