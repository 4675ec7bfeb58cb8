"""The control: nothing is changed, and all that is seen is what a comparison of this kind sees of itself."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import WORKLOADS, make_agenda

CHANGE = Change(
    name="no_change",
    claim="Nothing: forecast and measurement err by what pilots, forecasts and loops on this machine err by.",
    targets=("job:train",),
    workloads=tuple(WORKLOADS),
    tolerance=Tolerance({"loss_over_p": 1e-6, "mmcs": 1e-6, "fvu": 1e-6, "task_loss": 1e-6, "interpretability": 1e-6}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))
