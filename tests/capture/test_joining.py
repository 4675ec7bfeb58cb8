"""Child processes work for the iteration of the process that started them."""

import multiprocessing
import os
import pickle

import pytest

import tracker
from tests.capture.homes import iterations_in, names_of, run_python
from tracker.capture.joining import VARIABLE
from tracker.capture.segments import segment_paths


def job_in_child(name):
    with tracker.job(name):
        tracker.decide(f"after {name}")


def start_ticket(ticket):
    with ticket.job():
        pass


def test_a_subprocess_joins_the_iteration_through_the_environment(home):
    """Its job, phase and decision belong to the parent's iteration, and its end is not the iteration's end."""
    with tracker.iteration("one", study="s") as it:
        with it.phase("launch"):
            run_python(
                "import tracker\nwith tracker.job('train'), tracker.phase('watch'): pass\ntracker.decide('go on')"
            )
        with it.phase("evaluate"):
            pass
    (iteration,) = iterations_in(home)
    assert sorted((span.kind, span.name) for span in iteration.spans) == [
        ("decision", "decision"),
        ("job", "train"),
        ("phase", "evaluate"),
        ("phase", "launch"),
        ("phase", "watch"),
    ]
    assert iteration.status == "finished"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_multiprocessing_child_joins(own_fork_server, home, method):
    """Whichever way the child is started, its job overlaps the parent's open phase and does not suspend it."""
    with tracker.iteration("one", study="s") as it, it.phase("launch"):
        child = multiprocessing.get_context(method).Process(target=job_in_child, args=("train",))
        child.start()
        child.join()
    (iteration,) = iterations_in(home)
    assert (child.exitcode, names_of(iteration), names_of(iteration, "phase")) == (0, ["train"], ["launch"])


def test_nothing_leaks_into_processes_after_the_iteration(home, monkeypatch):
    """The variable is there while an iteration is open, and as it was before once the last one has ended."""
    monkeypatch.delenv(VARIABLE, raising=False)
    with tracker.iteration("outer", study="s"):
        outer = os.environ[VARIABLE]
        with tracker.iteration("inner", study="s"):
            assert os.environ[VARIABLE] != outer
        assert os.environ[VARIABLE] == outer
    assert VARIABLE not in os.environ


def test_a_foreign_value_in_the_variable_is_put_back(home, monkeypatch):
    """What somebody else keeps under that name is neither understood nor lost."""
    monkeypatch.setenv(VARIABLE, "something else")
    with tracker.job("outside"):
        pass
    with tracker.iteration("one", study="s"):
        pass
    assert os.environ[VARIABLE] == "something else"


def test_the_same_iteration_opened_in_a_child_is_the_parents(home):
    """A script that opens its own iteration joins when it is started inside that very iteration."""
    script = "import tracker\nwith tracker.iteration({!r}, study='s') as it, it.job('train'): pass"
    with tracker.iteration("one", study="s"):
        run_python(script.format("one"))
        run_python(script.format("another"))
    one, another = sorted(iterations_in(home), key=lambda iteration: iteration.started_at)
    assert [(one.name, names_of(one)), (another.name, names_of(another))] == [
        ("one", ["train"]),
        ("another", ["train"]),
    ]
    assert one.ended_at >= another.ended_at


def test_a_forked_child_that_leaves_its_parents_blocks_ends_nothing_of_the_parent(home):
    """Fork inside a phase, a job and an iteration: only the parent writes their ends."""
    with tracker.iteration("one", study="s") as it:
        with it.job("train", background=True):
            child = os.fork()
        if child == 0:
            it.__exit__(None, None, None)
            os._exit(0)
        os.waitpid(child, 0)
    assert len(segment_paths(home / "journal")) == 1


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_ticket_can_be_started_in_a_child(home, method):
    """Enqueued here, executed there: one job with its queue."""
    with tracker.iteration("one", study="s") as it:
        ticket = it.submit("train")
        child = multiprocessing.get_context(method).Process(target=start_ticket, args=(ticket,))
        child.start()
        child.join()
    (job,) = iterations_in(home)[0].spans
    assert job.enabled_at < job.started_at <= job.ended_at


def test_handles_inside_other_objects_can_be_pickled(home):
    """An object that holds a handle still travels to a pool of processes."""
    with tracker.iteration("one", study="s") as it, it.phase("launch") as phase, it.job("train") as job:
        again = pickle.loads(pickle.dumps({"it": it, "phase": phase, "job": job}))
        assert again["it"].id == it.id
        with again["phase"], again["job"].stage("load"):
            pass


def test_a_job_in_a_child_takes_up_the_ticket_of_its_name(home):
    """The child was told of the iteration alone: what was enqueued first under that name is what it executes."""
    with tracker.iteration("one", study="s") as it:
        it.submit("train", config={"k": 1})
        it.submit("train", config={"k": 2})
        run_python("import tracker\nwith tracker.job('train') as job, job.stage('load'): pass")
        first, second, load = iterations_in(home)[0].spans
    assert (first.fields, first.status, load.parent) == (
        {"config": {"k": 1}, "timed_by": "host"},
        "finished",
        first.span,
    )
    assert first.enabled_at < first.started_at
    assert (second.fields["config"], second.status) == ({"k": 2}, "open")


def test_a_childs_job_inside_an_open_job_is_a_stage_of_it(home):
    """Counted as jobs, both would count the same seconds; a child started between jobs has jobs of its own."""
    train = "import tracker\nwith tracker.job('train'): pass"
    with tracker.iteration("one", study="s") as it:
        with it.job("sweep"):
            run_python(train)
        run_python(train)
    (iteration,) = iterations_in(home)
    assert [(span.kind, span.name) for span in iteration.spans] == [
        ("job", "sweep"),
        ("stage", "train"),
        ("job", "train"),
    ]
    assert iteration.spans[1].parent == iteration.spans[0].span
