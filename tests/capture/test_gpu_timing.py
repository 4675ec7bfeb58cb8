"""Jobs and stages on a GPU last as long as the GPU worked on them, and nothing ever waits for it."""

import sys
from types import ModuleType

import pytest

import tracker
from tests.capture.fake_cuda import Gpu, installed
from tracker.testing import recording


@pytest.fixture
def gpu():
    with installed(Gpu()) as gpu:
        yield gpu


def pass_time(recorded, gpu, seconds):
    """The host goes on, and the GPU beside it."""
    recorded.clock.advance(seconds)
    gpu.run_for(1_000 * seconds)


def times_of(iteration):
    """Returns name → (start, end) in seconds since the iteration began."""
    start = iteration.started_at
    return {span.name: ((span.started_at - start) / 1e6, (span.ended_at - start) / 1e6) for span in iteration.spans}


def timers_of(iteration):
    return {span.name: span.fields["timed_by"] for span in iteration.spans}


def test_a_job_ends_when_the_gpu_has_done_what_it_was_given(gpu):
    """The host leaves the job after 1 s, having enqueued 10 s of work."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("train"):
            gpu.enqueue(10_000)
            pass_time(recorded, gpu, 1)
        pass_time(recorded, gpu, 20)
    (iteration,) = recorded.iterations()
    assert (times_of(iteration), timers_of(iteration)) == ({"train": (0.0, 10.0)}, {"train": "cuda_event"})


def test_stages_last_as_long_as_the_gpu_takes_for_them(gpu):
    """2 s of loading on the host; then 6 s and 3 s of work, each enqueued within a tenth of a second."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("train", device="cuda:0") as job:
            with job.stage("load"):
                pass_time(recorded, gpu, 2)
            with job.stage("compile"):
                gpu.enqueue(6_000)
                pass_time(recorded, gpu, 0.1)
            with job.stage("steady"):
                gpu.enqueue(3_000)
                pass_time(recorded, gpu, 0.1)
            pass_time(recorded, gpu, 20)
    (iteration,) = recorded.iterations()
    assert times_of(iteration) == {
        "train": (0.0, 22.2),
        "load": (0.0, 2.0),
        "compile": (2.0, 8.0),
        "steady": (8.0, 11.0),
    }
    assert set(timers_of(iteration).values()) == {"cuda_event"}


def test_a_job_begun_behind_a_busy_gpu_is_timed_on_the_same_line_of_time(gpu):
    """The second job is entered at 1 s; its work begins when the GPU has done the first one's, at 10 s."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("first"):
            gpu.enqueue(10_000)
            pass_time(recorded, gpu, 1)
        with it.job("second") as job:
            with job.stage("steady"):
                gpu.enqueue(5_000)
                pass_time(recorded, gpu, 1)
        pass_time(recorded, gpu, 30)
    (iteration,) = recorded.iterations()
    assert times_of(iteration) == {"first": (0.0, 10.0), "second": (1.0, 15.0), "steady": (10.0, 15.0)}


def test_what_the_gpu_never_reached_is_timed_by_the_host(gpu):
    """The iteration ends while the GPU is still at work: what the host saw stands."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("train"):
            gpu.enqueue(10_000)
            pass_time(recorded, gpu, 1)
    (iteration,) = recorded.iterations()
    assert (times_of(iteration), timers_of(iteration)) == ({"train": (0.0, 1.0)}, {"train": "host"})


def test_a_job_on_the_cpu_is_timed_by_the_host(gpu):
    """It says so itself; the GPU that is there is not asked."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("train", device="cpu") as job, job.stage("load"):
            pass_time(recorded, gpu, 1)
    assert set(timers_of(recorded.iterations()[0]).values()) == {"host"}
    assert gpu.queries == 0


def test_a_graph_that_is_being_captured_is_not_disturbed(gpu):
    """An event recorded or asked for during capture would end the capture: the stand-in raises."""
    with recording() as recorded, tracker.iteration("one", study="s") as it:
        with it.job("first"):
            gpu.enqueue(1_000)
        gpu.is_capturing = True
        with it.job("captured"):
            pass_time(recorded, gpu, 2)
        gpu.is_capturing = False
        with it.job("last"):
            pass
    (iteration,) = recorded.iterations()
    assert timers_of(iteration) == {"first": "cuda_event", "captured": "host", "last": "cuda_event"}
    assert [event for event in recorded.events if event["event"] == "tracker_failed"] == []


@pytest.mark.parametrize("attributes", [{}, {"cuda": None}, {"cuda": ModuleType("torch.cuda")}])
def test_a_torch_that_is_half_imported_is_none(monkeypatch, attributes):
    """An import in another thread, or one that failed half-way."""
    torch = ModuleType("torch")
    vars(torch).update(attributes)
    monkeypatch.setitem(sys.modules, "torch", torch)
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.job("train"):
        pass
    assert timers_of(recorded.iterations()[0]) == {"train": "host"}
    assert [event for event in recorded.events if event["event"] == "tracker_failed"] == []


def test_cuda_that_the_experiment_has_not_set_up_is_not_set_up_by_us(gpu, monkeypatch):
    """It would take seconds and memory, on a device that the experiment may not want."""
    monkeypatch.setattr(sys.modules["torch"].cuda, "is_initialized", lambda: False)
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.job("train", device="cuda"):
        pass
    assert (timers_of(recorded.iterations()[0]), gpu.queries) == ({"train": "host"}, 0)


def test_an_error_of_the_gpu_costs_its_timing_alone(gpu, monkeypatch):
    """A device that is lost answers every call with an error; the job is timed by the host."""

    def lost(*arguments, **options):
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(sys.modules["torch"].cuda, "Event", lost)
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.job("train") as job:
        with job.stage("steady"):
            pass_time(recorded, gpu, 1)
    (iteration,) = recorded.iterations()
    assert timers_of(iteration) == {"train": "host", "steady": "host"}


def test_memory_is_bounded_on_a_gpu_that_never_gets_there(gpu):
    """Thousands of stages behind a stuck stream: the rest is left as the host timed it, and no call asks for all."""
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.job("train") as job:
        gpu.enqueue(1e12)
        for _ in range(3_000):
            with job.stage("steady"):
                pass
    assert len(recorded.iterations()[0].spans) == 3_001
    assert gpu.queries < 40 * 6_000  # of two calls a stage; a thousand questions in each would take milliseconds
