"""Harvested activations kept on disk, so that the next job on the same text need not run the language model."""

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda

CHANGE = Change(
    name="activation_cache",
    claim="1.6x for local SAEs and nothing for those trained end to end (prototype); 629 GB a layer at full size.",
    targets=("stage:load", "stage:harvest"),
    workloads=("sae-local", "sae-minilm", "sae-bytes", "sae-e2e"),
    # The same numbers read back: not a digit may differ.
    tolerance=Tolerance({"fvu": 1e-6, "l0": 1e-6}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, cache_activations=False))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device, cache_activations=True))
