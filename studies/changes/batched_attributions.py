"""All components' attributions in one pass instead of one component after another."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

CHANGE = Change(
    name="batched_attributions",
    claim="31x on one harvest, from 67 to 2.2 s per batch (goodfire-ai/spd's history); here C passes become one.",
    targets=("stage:steady",),
    workloads=("parameter-decomposition",),
    # The same sums in another order; top-k can turn a tie round, so not a digit for digit agreement.
    tolerance=Tolerance({"mmcs": 0.02, "ml2r": 0.1}, same_choice=False),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, batched_attributions=False))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, batched_attributions=True))
