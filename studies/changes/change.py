"""What a tooling change is: a claim, the loops without and with it, and how much may differ between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from studies.driver import Sweep, run_one_by_one

Size = Literal["test", "table", "quick", "full"]


@dataclass(frozen=True)
class Setup:
    """One arm of a change, ready for `driver.run_loops`.

    Attributes:
        agenda: the workload and its policy.
        sweep: how the jobs of a plan are run.
        close: ends what the arm holds (workers, files).
    """

    agenda: Any
    sweep: Sweep = run_one_by_one
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Tolerance:
    """How far a changed loop's results may lie from the baseline's.

    Attributes:
        fraction: largest relative difference of each metric named here, over the variants that both arms measured.
        same_choice: whether the decision has to be the same.
        same_order: a metric whose order of the variants, mean over their seeds, has to be the same; "" for none.
        may_drop: whether variants may be left unmeasured (early stopping does nothing else).
    """

    fraction: Mapping[str, float] = field(default_factory=dict)
    same_choice: bool = True
    may_drop: bool = False
    same_order: str = ""


@dataclass(frozen=True)
class AssumedPhase:
    """Seconds of a person that no computation can show; a range, and always labelled `assumed`.

    Attributes:
        phase: which phase they belong to.
        baseline_seconds: lowest and highest without the change.
        changed_seconds: lowest and highest with it.
        source: where the numbers come from; "assumed" where from nowhere.
    """

    phase: str
    baseline_seconds: tuple[float, float]
    changed_seconds: tuple[float, float]
    source: str = "assumed"


@dataclass(frozen=True)
class Change:
    """One tooling change.

    Attributes:
        name: of the arm; the tag `tool.NAME` of every iteration that it touches.
        claim: what it is said to do, one sentence, with where that is said.
        targets: what it makes faster, as `tracker what-if` names it.
        workloads: names of the loops that it makes sense for.
        tolerance: what counts as the same results.
        assumed: a person's share of its effect, or None where the machine's is all.
    """

    name: str
    claim: str
    targets: tuple[str, ...]
    workloads: tuple[str, ...]
    tolerance: Tolerance
    assumed: AssumedPhase | None = None
