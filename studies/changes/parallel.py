"""What all changes share that run a sweep's jobs at the same time, whatever starts them."""

from studies.changes.change import Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

WIDTH = 2  # the cores of the machine that the table is made on
BOUNDED = "Bounded by the cores: at most twice as fast on two, less what they take from each other."
TARGETS = ("queue", "job:train")
WORKLOADS = (
    *("compressed-computation", "compressed-computation-wide", "parameter-decomposition"),
    *("sae-local", "sae-minilm", "sae-bytes", "lora"),
)
# The same computation in another process: not a digit may differ.
TOLERANCE = Tolerance({"loss_over_p": 1e-6, "mmcs": 1e-6, "fvu": 1e-6, "task_loss": 1e-6})


def one_by_one(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    """The arm without the change: a job after another in this process."""
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))
