"""The hook records what happened, with the times at which it happened."""

import asyncio
import threading

import pytest

import tracker
from tracker.testing import recording


def spans_of(recorded):
    return recorded.iterations()[0].spans


def length(span):
    return (span.ended_at - span.started_at) / 1e6


def test_a_job_inside_a_phase_suspends_it_until_the_job_ends():
    """3 s of phase, 5 s of job, 2 s of phase: two parts of the phase around the job, none of them overlapping."""
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.phase("launch"):
        recorded.clock.advance(3)
        with it.job("train"):
            recorded.clock.advance(5)
        recorded.clock.advance(2)
    spans = spans_of(recorded)
    assert [(span.kind, span.name, length(span)) for span in spans] == [
        ("phase", "launch", 3.0),
        ("job", "train", 5.0),
        ("phase", "launch", 2.0),
    ]
    assert spans[1].after == spans[0].span


def test_a_background_job_overlaps_its_phase():
    """The person works on while the job runs, so the phase stays one span."""
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.phase("think"):
        with it.job("train", background=True):
            recorded.clock.advance(5)
        recorded.clock.advance(2)
    phase, job = spans_of(recorded)
    assert (phase.kind, length(phase), job.kind, length(job), job.after) == ("phase", 7.0, "job", 5.0, "")


def test_a_job_of_another_thread_overlaps_the_phase():
    """Suspension is for the thread that opened the phase; others run beside it."""
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.phase("think"):

        def train():
            with tracker.job("train"):
                recorded.clock.advance(4)

        thread = threading.Thread(target=train)
        thread.start()
        thread.join()
    assert [(span.kind, length(span)) for span in spans_of(recorded)] == [("phase", 4.0), ("job", 4.0)]


def test_tasks_of_one_loop_do_not_suspend_each_others_phases():
    """A task inherits the creator's context; the phase in it belongs to the creator all the same."""

    async def train(clock):
        with tracker.job("train"):
            clock.advance(1)

    async def main(clock):
        with tracker.iteration("one", study="s") as it, it.phase("think"):
            await asyncio.gather(train(clock), train(clock))

    with recording() as recorded:
        asyncio.run(main(recorded.clock))
    assert [(span.kind, length(span)) for span in spans_of(recorded)] == [("phase", 2.0), ("job", 1.0), ("job", 1.0)]


def test_jobs_in_sequence_say_which_came_before():
    """Without a phase between them the second waits for the first: program order, which times alone cannot show."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("first"):
            recorded.clock.advance(1)
        with it.job("second"):
            recorded.clock.advance(1)
    first, second = spans_of(recorded)
    assert (first.after, second.after) == ("", first.span)


def test_a_background_job_after_a_job_says_so():
    """Else the first one's seconds would look like a fixed delay of the second, and caching them would save nothing."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("collect"):
            recorded.clock.advance(5)
        with it.job("train", background=True):
            recorded.clock.advance(1)
    collect, train = spans_of(recorded)
    assert train.after == collect.span


def test_a_ticket_records_the_queue():
    """Submitted at 0 s, started at 6 s, ended at 8 s."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        ticket = it.submit("train", config={"k": 32})
        recorded.clock.advance(6)
        with ticket.job(device="cuda:0"):
            recorded.clock.advance(2)
    (job,) = spans_of(recorded)
    assert (job.started_at - job.enabled_at, job.ended_at - job.started_at) == (6_000_000, 2_000_000)
    assert (job.fields["config"], job.fields["device"]) == ({"k": 32}, "cuda:0")


def test_a_decorated_function_is_a_job_at_each_call_and_runs_unrecorded_outside():
    """`@tracker.job` looks for the open iteration when the function is called, not when it is defined."""

    @tracker.job
    def train(x):
        return x + 1

    @tracker.job("evaluate")
    async def evaluate(x):
        return x * 2

    with recording() as recorded:
        assert train(1) == 2
        with tracker.iteration("one", study="s"):
            assert train(2) == 3
            assert asyncio.run(evaluate(3)) == 6
    assert [span.name for span in spans_of(recorded)] == ["train", "evaluate"]


def test_a_job_inside_a_job_of_the_same_thread_is_a_stage_of_it():
    """Counted as a job of its own, its seconds would count twice."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("sweep"):
            with tracker.job("train") as inner, inner.stage("load"):
                recorded.clock.advance(1)
    sweep, train, load = spans_of(recorded)
    assert [span.kind for span in (sweep, train, load)] == ["job", "stage", "stage"]
    assert train.parent == load.parent == sweep.span


def test_decisions_keep_options_choice_reason_and_clarity():
    """A decision is an instant with everything that was said of it."""
    with recording() as recorded, tracker.iteration("one", study="s"):
        recorded.clock.advance(1)
        tracker.decide("k=32", options=["k=16", "k=32"], because="FVE 0.81 > 0.78", clarity="clear")
    (decision,) = spans_of(recorded)
    assert decision.started_at == decision.ended_at
    assert decision.fields == {
        "options": ["k=16", "k=32"],
        "choice": "k=32",
        "reason": "FVE 0.81 > 0.78",
        "clarity": "clear",
    }


def test_the_experiments_exception_passes_through_and_marks_what_was_open():
    """The job that raised and the iteration around it are failed; the exception is the experiment's own."""
    with recording() as recorded, pytest.raises(ZeroDivisionError), tracker.iteration("one", study="s") as it:
        with it.job("train"):
            _ = 1 / 0
    (iteration,) = recorded.iterations()
    assert (iteration.status, iteration.spans[0].status) == ("failed", "failed")


def test_an_interrupted_iteration_is_killed():
    """Ctrl-C is not a failure of the experiment."""
    with recording() as recorded, pytest.raises(KeyboardInterrupt), tracker.iteration("one", study="s"):
        raise KeyboardInterrupt
    assert recorded.iterations()[0].status == "killed"


def test_a_step_of_the_wall_clock_inflates_nothing():
    """An hour's step backwards in the middle of a 4 s job leaves a 4 s job."""
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.job("train"):
        recorded.clock.advance(2)
        recorded.clock.step(-3_600)
        recorded.clock.advance(2)
    (job,) = spans_of(recorded)
    assert length(job) == 4.0


def test_arms_are_recorded_and_what_is_no_arm_is_not_baseline():
    """True is changed, False baseline; None says nothing."""
    with recording() as recorded, tracker.iteration("one", study="s", tools={"a": True, "b": False, "c": None}):
        pass
    assert recorded.iterations()[0].tools == {"a": "changed", "b": "baseline"}


def test_arms_are_said_in_the_words_of_the_export_too():
    """As a spans table says them, so that what is read from one can be handed in."""
    with recording() as recorded, tracker.iteration("one", study="s", tools={"a": "changed", "b": "baseline"}):
        pass
    assert recorded.iterations()[0].tools == {"a": "changed", "b": "baseline"}
    assert "tracker_failed" not in [event["event"] for event in recorded.events]


def test_an_unfinished_iteration_is_open_while_its_process_lives_and_killed_when_not():
    """A start without an end is the record of a crash; it ends with its last event."""
    with recording() as recorded:
        it = tracker.iteration("one", study="s")
        it.__enter__()
        it.job("train").__enter__()
        recorded.clock.advance(7)
        it.decide("go on")
        alive, dead = recorded.iterations()[0], recorded.iterations(is_alive=False)[0]
    assert (alive.status, alive.ended_at) == ("open", None)
    assert (dead.status, dead.ended_at - dead.started_at) == ("killed", 7_000_000)
    assert [span.status for span in dead.spans] == ["killed", "finished"]


def test_hostile_values_are_recorded_escaped_and_cut():
    """Line feeds, NULs, lone surrogates, huge strings and NaN neither break a record nor stop the experiment."""
    config = {"a\nb": "x\0y", "nan": float("nan"), "big": 10**40, "object": object, "lone": "\ud800"}
    with recording() as recorded, tracker.iteration("n" * 1_000_000, study="s\n") as it:
        with it.job("../../etc", config=config):
            pass
    (iteration,) = recorded.iterations()
    assert len(iteration.name) == 250
    assert iteration.spans[0].name == "../../etc"
    assert iteration.spans[0].fields["config"]["a\nb"] == "x\0y"
