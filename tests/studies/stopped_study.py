"""For a test, as a program: `python -m studies` with one more study, whose second iteration waits in its job.

It waits until somebody closes its standard input, where STUDY_WAITS is set; so a test can stop it at a known place.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from studies import __main__ as command
from studies.driver import Decision, Evaluation, Plan, Run, Variant
from studies.registry import STUDIES, Study

WAITING = "waiting in the job"


@dataclass(frozen=True)
class Number:
    value: int
    seed: int


@dataclass
class Counting:
    """Counts upwards, one number in each iteration."""

    seed: int
    study: str = "counting"
    regime: str = "toy"
    device: str = "cpu"

    def first_plan(self) -> Plan[Number]:
        return self._plan(1)

    def _plan(self, value: int) -> Plan[Number]:
        return Plan(f"number {value}", (Variant(f"number={value}", Number(value, self.seed)),))

    def build(self, variant: Variant[Number]) -> int:
        return variant.config.value

    def train(self, variant: Variant[Number], built: int, job) -> int:
        with job.stage("steady"):
            if built == 2 and os.environ.get("STUDY_WAITS"):
                sys.stdout.write(f"{WAITING}\n")
                sys.stdout.flush()
                sys.stdin.read()
            return built

    def evaluate(self, runs: Sequence[Run[Number, int]]) -> list[Evaluation[Number]]:
        return [Evaluation(run.variant, {"value": float(run.trained)}) for run in runs]

    def decide(self, plan: Plan[Number], evaluations: Sequence[Evaluation[Number]]) -> Decision[Number]:
        (variant,) = plan.variants
        return Decision(
            variant.name, (variant.name,), "the next is larger", "clear", self._plan(variant.config.value + 1)
        )


def make_agenda(*, seed: int, quick: bool, device: str) -> Counting:
    return Counting(seed)


if __name__ == "__main__":
    STUDIES["counting"] = Study("toy", "How far does it count?", "stopped_study:make_agenda", 3, 1.0)
    sys.exit(command.main(sys.argv[1:]))
