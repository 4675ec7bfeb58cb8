"""For tests: a workload on a clock of its own, so that what a change does to it is known, and a real one in moments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace

from studies.changes.change import Change, Setup, Tolerance
from studies.driver import Decision, Evaluation, Plan, Run, Variant
from studies.toy.compressed_computation.agenda import CompressedComputation
from studies.toy.compressed_computation.config import TOY

# Seconds of a loop: two jobs, an evaluation, a decision. A job varies by up to a tenth with its seed.
TRAIN_SECONDS, EVALUATE_SECONDS, DECIDE_SECONDS = 3.0, 2.0, 1.0


@dataclass(frozen=True)
class Settings:
    number: int = 0
    seed: int = 0


class Timed:
    """Passes time instead of computing; `train_divisor` is the truth that a pilot should find."""

    study, regime, device = "timed", "toy", "cpu"

    def __init__(self, pass_time: Callable[[float], None], train_divisor: float = 1.0, found: float = 1.0) -> None:
        self.base = Settings()
        self.pass_time, self.train_divisor, self.found = pass_time, train_divisor, found

    def first_plan(self) -> Plan[Settings]:
        variants = tuple(Variant(f"number {k}", Settings(k, self.base.seed)) for k in (0, 1))
        return Plan(f"numbers at seed {self.base.seed}", variants)

    def build(self, variant: Variant[Settings]) -> Settings:
        return variant.config

    def train(self, variant: Variant[Settings], built: Settings, job) -> float:
        with job.stage("steady"):
            varied = 1 + 0.1 * ((built.seed // 10 * 7 + built.number) % 5 - 2) / 2
            self.pass_time(TRAIN_SECONDS * varied / self.train_divisor)
        return self.found

    def evaluate(self, runs: Sequence[Run[Settings, float]]) -> list[Evaluation[Settings]]:
        self.pass_time(EVALUATE_SECONDS)
        return [Evaluation(run.variant, {"found": run.trained}) for run in runs]

    def decide(self, plan: Plan[Settings], evaluations: Sequence[Evaluation[Settings]]) -> Decision[Settings]:
        self.pass_time(DECIDE_SECONDS)
        return Decision("number 0", tuple(one.name for one in plan.variants), "as ever", "clear", None)


def timed_change(pass_time: Callable[[float], None], *, divisor: float, found: float = 1.0) -> SimpleNamespace:
    """A change's module: training `divisor` times as fast, with results that are `found` instead of 1."""
    return SimpleNamespace(
        CHANGE=Change("faster", "Faster.", ("job:train",), ("timed",), Tolerance({"found": 0.01})),
        baseline=lambda workload, *, size, seed, device: Setup(Timed(pass_time)),
        changed=lambda workload, *, size, seed, device: Setup(Timed(pass_time, divisor, found)),
    )


def make_tiny_agenda(*, seed: int, quick: bool, device: str) -> CompressedComputation:
    """A real agenda whose iterations take moments: as the registry names one."""
    tiny = replace(TOY, features=4, neurons=2, embedding_dim=20, steps=3, batch_rows=8, evaluation="exact", seed=seed)
    return CompressedComputation(tiny, device=device)
