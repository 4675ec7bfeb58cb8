"""The machine's part of the bundle: how each tool is really applied to a workload, for the recording.

The bundle is the same for both agendas; what a tool finds to do in a workload differs, and that is a finding. A tool
that is in no row of a workload does nothing there:

- `side_by_side` stacks models of one shape: only compressed computation has them. Where it acts it takes the place of
  `parallel_processes`: a sweep is trained by one or the other.
- `exact_evaluation` knows the loss of compressed computation from 2n rows. Nothing is sampled then, so the evaluation
  is not repeated.
- `batched_attributions` belongs to parameter decomposition, `activation_cache` to autoencoders trained on a frozen
  model's activations. An adapter is trained through the whole model, so a cache holds nothing that it could use.
"""

from collections.abc import Callable, Mapping
from typing import Any

from studies.changes.change import Setup
from studies.executors.processes import Processes
from studies.executors.sweeps import sweep_through

WIDTH = 2  # jobs at once: the cores of the machine that the recording was made on

BASELINE, BUNDLE = "baseline", "bundle"

# From workload to the tools that act in it.
TOOLS: Mapping[str, tuple[str, ...]] = {
    "compressed-computation": ("side_by_side", "exact_evaluation"),
    "parameter-decomposition": ("batched_attributions", "parallel_processes"),
    "sae-language-model": ("activation_cache", "parallel_processes"),
    "lora-dictionary": ("parallel_processes",),
}

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "exact_evaluation": {"evaluation": "exact"},
    "batched_attributions": {"batched_attributions": True},
    "activation_cache": {"cache_activations": True},
}


def arms_of(workload: str) -> dict[str, tuple[str, ...]]:
    """From arm to the tools that are on in it: none, each alone, and all where there is more than one."""
    tools = TOOLS[workload]
    arms: dict[str, tuple[str, ...]] = {BASELINE: (), **{tool: (tool,) for tool in tools}}
    return arms | ({BUNDLE: tools} if len(tools) > 1 else {})


def set_up(make: Callable[..., Any], tools: tuple[str, ...], seed: int) -> Setup:
    """An agenda with these tools on."""
    settings = {name: value for tool in tools for name, value in _SETTINGS.get(tool, {}).items()}
    agenda = make(seed, **settings)
    if "side_by_side" in tools:
        from studies.changes.side_by_side import sweep_side_by_side

        return Setup(agenda, sweep=sweep_side_by_side)
    if "parallel_processes" in tools:
        executor = Processes(WIDTH)
        return Setup(agenda, sweep=sweep_through(executor), close=executor.close)
    return Setup(agenda)
