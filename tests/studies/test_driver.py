"""The scripted researcher turns loops, and the hook's record of them is the truth about what it computed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from studies.driver import Decision, Evaluation, Plan, Run, Variant, run_loops
from tracker.capture.clock import Clock
from tracker.capture.recorder import Recorder, replaced
from tracker.testing import recording


@dataclass(frozen=True)
class Number:
    value: int
    seed: int = 0


class LargestSquare:
    """A workload small enough to follow by hand: a variant is a number, its metric is its square.

    Building takes 1 s of the clock it is given, loading 2 s, training 3 s, evaluating 5 s and deciding 7 s.
    """

    study = "largest-square"
    regime = "toy"
    device = "cpu"

    def __init__(self, pass_time: Callable[[float], None] = lambda seconds: None, last_value: int = 1000) -> None:
        self.pass_time = pass_time
        self.last_value = last_value

    def first_plan(self) -> Plan[Number]:
        return self.plan_around(0)

    def plan_around(self, centre: int) -> Plan[Number]:
        values = (centre + 1, centre + 2)
        return Plan(f"around {centre}", tuple(Variant(f"value={value}", Number(value)) for value in values))

    def build(self, variant: Variant[Number]) -> int:
        self.pass_time(1)
        return variant.config.value

    def train(self, variant: Variant[Number], built: int, job) -> int:
        with job.stage("load"):
            self.pass_time(2)
        with job.stage("steady"):
            self.pass_time(3)
            return built**2

    def evaluate(self, runs: Sequence[Run[Number, int]]) -> list[Evaluation[Number]]:
        self.pass_time(5)
        return [Evaluation(run.variant, {"square": float(run.trained)}) for run in runs]

    def decide(self, plan: Plan[Number], evaluations: Sequence[Evaluation[Number]]) -> Decision[Number]:
        self.pass_time(7)
        names = tuple(variant.name for variant in plan.variants)
        if not evaluations:
            return Decision("give up", names, "nothing finished", "murky", None)
        best = max(evaluations, key=lambda one: one.metrics["square"])
        value = best.variant.config.value
        following = self.plan_around(value) if value < self.last_value else None
        return Decision(best.variant.name, names, f"square {value**2}", "clear", following)


class Unlucky(LargestSquare):
    """Fails to train the first variant of each sweep."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__()
        self.failure = failure

    def train(self, variant: Variant[Number], built: int, job) -> int:
        if built % 2:
            raise self.failure
        return super().train(variant, built, job)


def turn(agenda, iterations=1, **options):
    return list(run_loops(agenda, iterations=iterations, **options))


def test_every_span_encloses_the_work_it_names():
    """By hand: two builds, then the jobs of 2 + 3 s with nothing else open, then evaluation and decision."""
    with recording() as recorded:
        turn(LargestSquare(recorded.clock.advance))
    (iteration,) = recorded.iterations()
    lengths = [
        (span.kind, span.name, (span.ended_at - span.started_at) / 1e6)
        for span in iteration.spans
        if span.ended_at > span.started_at
    ]
    job = [("job", "train", 5.0), ("stage", "load", 2.0), ("stage", "steady", 3.0)]
    assert lengths == [
        ("phase", "implement", 2.0), *job, *job, ("phase", "evaluate", 5.0), ("phase", "decide", 7.0)
    ]  # fmt: skip
    assert (iteration.ended_at - iteration.started_at) / 1e6 == 2 + 2 * 5 + 5 + 7


def test_jobs_are_launched_one_after_another_from_the_launch_phase():
    """Each job comes after a part of `launch`, which it suspends, so that a replay keeps them in order."""
    with recording() as recorded:
        turn(LargestSquare(recorded.clock.advance))
    spans = recorded.iterations()[0].spans
    names = {span.span: span.name for span in spans}
    jobs = [span for span in spans if span.kind == "job"]
    assert [names[job.after] for job in jobs] == ["launch", "launch"]
    assert jobs[0].ended_at <= jobs[1].enabled_at


def test_the_decision_of_an_iteration_writes_the_plan_of_the_next():
    """2 beats 1, so the next sweep is around 2; 4 beats 3, so the one after is around 4."""
    finished = turn(LargestSquare(), iterations=3)
    assert [one.plan.idea for one in finished] == ["around 0", "around 2", "around 4"]
    assert [one.decision.choice for one in finished] == ["value=2", "value=4", "value=6"]


def test_a_decision_without_a_next_plan_ends_the_loops():
    """The question is answered at 4, in the second of five iterations."""
    assert len(turn(LargestSquare(last_value=4), iterations=5)) == 2


def test_iterations_say_that_a_program_drove_them_and_under_which_arms():
    """Person, study, regime, arms and each job's whole config are in the record."""
    with recording() as recorded:
        turn(LargestSquare(), tools={"activation_cache": True, "compile": False})
    (iteration,) = recorded.iterations()
    assert (iteration.person, iteration.study, iteration.regime) == ("scripted", "largest-square", "toy")
    assert iteration.tools == {"activation_cache": "changed", "compile": "baseline"}
    jobs = [span for span in iteration.spans if span.kind == "job"]
    assert [job.fields["config"] for job in jobs] == [{"value": 1, "seed": 0}, {"value": 2, "seed": 0}]
    assert {job.fields["device"] for job in jobs} == {"cpu"}


def test_the_decision_point_is_recorded_with_options_and_reason():
    """What the agenda decided is what the hook wrote."""
    with recording() as recorded:
        turn(LargestSquare())
    (decision,) = [span for span in recorded.iterations()[0].spans if span.kind == "decision"]
    fields = {key: decision.fields[key] for key in ("choice", "options", "reason", "clarity")}
    assert fields == {
        "choice": "value=2",
        "options": ["value=1", "value=2"],
        "reason": "square 4",
        "clarity": "clear",
    }


def test_a_failed_training_marks_its_job_and_the_loop_goes_on():
    """The odd values fail; the even ones are still compared, and the next iteration comes."""
    with recording() as recorded:
        finished = turn(Unlucky(RuntimeError("out of memory")), iterations=2)
    jobs = [span.status for one in recorded.iterations() for span in one.spans if span.kind == "job"]
    assert jobs == ["failed", "finished", "failed", "finished"]
    assert [one.status for one in recorded.iterations()] == ["finished", "finished"]
    assert finished[0].runs[0].failure == "RuntimeError: out of memory"
    assert [len(one.evaluations) for one in finished] == [1, 1]


@pytest.mark.parametrize("mistake", [TypeError("no such argument"), NotImplementedError("later")])
def test_a_mistake_in_the_program_stops_the_loops(mistake):
    """Neither is a training that went wrong: it is raised, and job and iteration are failed."""
    with recording() as recorded, pytest.raises(type(mistake)):
        turn(Unlucky(mistake), iterations=2)
    (iteration,) = recorded.iterations()
    assert iteration.status == "failed"
    assert [span.status for span in iteration.spans if span.kind == "job"] == ["failed"]


def test_ctrl_c_leaves_a_clean_record():
    """Everything that was open is closed as killed; nothing stays open."""
    with recording() as recorded, pytest.raises(KeyboardInterrupt):
        turn(Unlucky(KeyboardInterrupt()), iterations=2)
    (iteration,) = recorded.iterations()
    assert iteration.status == "killed"
    assert [span.status for span in iteration.spans if span.kind == "job"] == ["killed"]
    assert all(span.status != "open" and span.ended_at is not None for span in iteration.spans)


def test_a_finished_iteration_is_handed_over_before_the_next_begins():
    """Whoever stops listening after the first has recorded one iteration, not two."""
    with recording() as recorded:
        next(iter(run_loops(LargestSquare(), iterations=5)))
    assert [one.status for one in recorded.iterations()] == ["finished"]


def test_loops_are_the_same_with_tracking_off(tmp_path, monkeypatch):
    """The same plans and decisions, and not a file written."""
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "home"))
    with recording():
        tracked = turn(LargestSquare(), iterations=3)
    with replaced(Recorder(Clock(), is_off=True)):
        untracked = turn(LargestSquare(), iterations=3)
    assert untracked == tracked
    assert not (tmp_path / "home").exists()


def test_the_watcher_hears_each_step_as_it_begins():
    """One line for each phase of work and each job, in order."""
    steps: list[str] = []
    turn(LargestSquare(), watch=steps.append)
    assert steps == ["implement", "train 1/2 value=1", "train 2/2 value=2", "evaluate", "decide"]
