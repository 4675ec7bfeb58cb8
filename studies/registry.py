"""Every study that can be run. A new workload is one file that makes an agenda, and one line here."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Study:
    """A study by name, with its workload imported only when it runs, so that listing stays fast.

    Attributes:
        regime: `toy` or `real`.
        question: what the line of research asks, one sentence.
        agenda: "module:function"; `function(seed=…, quick=…, device=…)` returns a `driver.Agenda`.
        quick_iterations: how many iterations the quick setting runs.
        quick_iteration_seconds: roughly what one takes on two CPU cores; weighs the progress bar only.
    """

    regime: str
    question: str
    agenda: str
    quick_iterations: int
    quick_iteration_seconds: float

    def make_agenda(self, *, seed: int, quick: bool, device: str) -> Any:
        """Import the workload and return its agenda."""
        module, _, function = self.agenda.partition(":")
        return getattr(import_module(module), function)(seed=seed, quick=quick, device=device)


STUDIES: dict[str, Study] = {
    "compressed-computation": Study(
        regime="toy",
        question="Does a residual MLP compute more ReLUs than it has neurons, or only make up for noise?",
        agenda="studies.toy.compressed_computation.agenda:make_agenda",
        quick_iterations=6,
        quick_iteration_seconds=10.0,
    ),
    "sae-language-model": Study(
        regime="real",
        question="Which sparse autoencoder explains a real language model's residual stream with the fewest latents?",
        agenda="studies.real.sparse_autoencoder.agenda:make_agenda",
        quick_iterations=5,
        quick_iteration_seconds=30.0,
    ),
}
