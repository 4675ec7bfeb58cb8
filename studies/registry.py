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
    "parameter-decomposition": Study(
        regime="toy",
        question="Which attribution splits a network's weights into the mechanisms it is known to have?",
        agenda="studies.toy.parameter_decomposition.agenda:make_agenda",
        quick_iterations=3,
        quick_iteration_seconds=15.0,
    ),
    "sae-language-model": Study(
        regime="real",
        question="Which sparse autoencoder explains a real language model's residual stream with the fewest latents?",
        agenda="studies.real.sparse_autoencoder.agenda:make_agenda",
        quick_iterations=5,
        quick_iteration_seconds=30.0,
    ),
    "sae-objectives": Study(
        regime="real",
        question="Is a dictionary better when it is trained for what the model predicts than for what it reconstructs?",
        agenda="studies.real.sparse_autoencoder.objectives:make_agenda",
        quick_iterations=2,
        quick_iteration_seconds=60.0,
    ),
    "lora-dictionary": Study(
        regime="real",
        question="Does an adapter in the basis of a dictionary learn a task with less harm elsewhere?",
        agenda="studies.real.lora.agenda:make_agenda",
        quick_iterations=2,
        quick_iteration_seconds=240.0,
    ),
    "murky-evaluation": Study(
        regime="real",
        question="Which dictionary is the most interpretable, told from a random sample of its latents?",
        agenda="studies.real.murky_evaluation.agenda:make_agenda",
        quick_iterations=2,
        quick_iteration_seconds=60.0,
    ),
}

# What a newcomer waits for, and what the recorded store holds: one of each regime, under four minutes on two cores.
TOUR = ("compressed-computation", "sae-language-model")
