"""Every model judged after a quarter of its training: the order of the variants is all that is wanted."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

STOP_FRACTION = 0.25

CHANGE = Change(
    name="early_stopping",
    claim="After 500 of 2,000 steps the order of the labels is right for n = 100 and wrong for n = 40 (prototype).",
    targets=("stage:steady",),
    workloads=("compressed-computation", "compressed-computation-wide"),
    # The losses are those of unfinished models; what has to stay is the decision, and the order it goes by.
    tolerance=Tolerance(same_choice=True, same_order="loss_over_p"),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, stop_fraction=STOP_FRACTION))
