"""Compressed computation's loss from 2n forward rows instead of a sample of hundreds of thousands."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

CHANGE = Change(
    name="exact_evaluation",
    claim="With one active feature the loss is exact from 2n rows: .7 ms against 13-19 s of sampling (prototype).",
    targets=("phase:evaluate",),
    # Features that are independently active are here to be refused: there the 2n rows do not tell the loss.
    workloads=("compressed-computation", "compressed-computation-wide", "compressed-computation-independent"),
    # Four standard errors of 20,000 sampled rows; of 200,000 it is a third of that.
    tolerance=Tolerance({"loss_over_p": 0.05}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, evaluation="sampled"))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, evaluation="exact"))
