"""Every tooling change by name. A new one is one module with `CHANGE`, `baseline` and `changed`, and one line here."""

from importlib import import_module
from types import ModuleType

CHANGES: tuple[str, ...] = (
    "side_by_side",
    "exact_evaluation",
    "activation_cache",
    "torch_compile",
    "early_stopping",
    "successive_halving",
    "bf16_autocast",
    "bf16_everywhere",
    "sampled_latents",
    "parallel_processes",
    "parallel_ray",
    "parallel_slurm",
    "batched_attributions",
    "automatic_report",
    "no_change",
)


def load_change(name: str) -> ModuleType:
    """The module of a change; imported only now, because some bring Ray or torch's compiler with them."""
    if name not in CHANGES:
        raise ValueError(f"no change named {name!r}; there are {', '.join(CHANGES)}")
    return import_module(f"studies.changes.{name}")
