"""Products in bfloat16, weights in float32."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

CHANGE = Change(
    name="bf16_autocast",
    claim="Up to 1.25x as fast on a GPU, and valid (goodfire-ai/spd's history).",
    targets=("stage:steady",),
    workloads=("compressed-computation", "compressed-computation-wide", "sae-local", "sae-minilm", "sae-bytes"),
    # Two seeds of one setting differ by 1 to 3 %: more than that is another result.
    tolerance=Tolerance({"fvu": 0.03, "loss_over_p": 0.03}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, precision="bf16_autocast"))
