"""The training step through torch.compile."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

CHANGE = Change(
    name="torch_compile",
    claim="The first step takes 20 s, the others are 1.7x as fast: slower for a job of two seconds (prototype); "
    "1.09-1.35x on a GPU (goodfire-ai/spd's history).",
    targets=("stage:steady", "stage:compile"),
    workloads=("compressed-computation", "compressed-computation-wide", "sae-local", "sae-minilm", "sae-bytes"),
    # The same operations in another order, 2,000 steps long.
    tolerance=Tolerance({"fvu": 0.03, "loss_over_p": 0.01}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    """At test size with the tracer alone: the code generator needs its 20 s for any model."""
    backend = "aot_eager" if size == "test" else "inductor"
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, compile=backend))
