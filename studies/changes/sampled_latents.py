"""Interpretability scored on 200 random latents instead of all 46,080 of a dictionary."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

LATENTS = 200

CHANGE = Change(
    name="sampled_latents",
    claim="230x fewer evaluations at full size, for a wider interval: the decision can turn round.",
    targets=("phase:evaluate",),
    workloads=("murky-evaluation",),
    # Four standard errors of a mean of 200 AUCs whose standard deviation is about .15.
    tolerance=Tolerance({"interpretability": 0.06}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, latents=0))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, latents=LATENTS))
