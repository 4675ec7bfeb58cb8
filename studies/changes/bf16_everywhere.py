"""Weights, optimiser and all in bfloat16."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

CHANGE = Change(
    name="bf16_everywhere",
    claim="About 3x as fast, but the runs seem to fail (goodfire-ai/spd's history): it has to be refused.",
    targets=("stage:steady",),
    workloads=("compressed-computation", "compressed-computation-wide"),
    # Two seeds of one setting differ by 1 to 3 %: more than that is another result.
    tolerance=Tolerance({"loss_over_p": 0.03}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, precision="bf16"))
