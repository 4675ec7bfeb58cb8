"""Agendas whose evaluation can be repeated on another sample, for the researcher who looks twice before deciding.

A metric that samples nothing is not evaluated twice: looking again would show the same. So the number of decision
points of a loop is an outcome of its metric and of its noise: one where the metric is exact, two where a second sample
agrees with the first, three where it does not (`studies.driver.decide_twice`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from studies.driver import Decision, Evaluation, Plan, Run
from studies.real.activations import Activations
from studies.real.lora.agenda import LowRankAdapters
from studies.real.lora.config import LoraConfig
from studies.real.sparse_autoencoder.agenda import SparseAutoencoders
from studies.real.sparse_autoencoder.config import EvaluationConfig, SAEConfig
from studies.real.sparse_autoencoder.metrics import measure
from studies.real.sparse_autoencoder.model import SparseAutoencoder

_ROUND_STRIDE = 10_007  # between the seeds of two samples of held-out text


class CarefulAutoencoders(SparseAutoencoders):
    """Sparse autoencoders, each round judged on other held-out sequences.

    The setting that the variants would replace is judged on the same sequences, so what was trained is kept.
    """

    def __init__(self, base: SAEConfig, evaluation: EvaluationConfig, *, device: str = "cpu") -> None:
        super().__init__(base, evaluation, device=device)
        self._first_evaluation, self._round = evaluation, 0
        self._kept: dict[SAEConfig, SparseAutoencoder] = {}
        self._held_out: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """A worker that trains one variant needs none of the others."""
        return {**self.__dict__, "_kept": {}, "_held_out": None}

    @property
    def evaluation_round(self) -> int:
        return self._round

    @evaluation_round.setter
    def evaluation_round(self, place: int) -> None:
        first = self._first_evaluation
        self._round, self.evaluation = place, replace(first, seed=first.seed + _ROUND_STRIDE * place)

    def evaluate(self, runs: Sequence[Run[SAEConfig, SparseAutoencoder]]) -> list[Evaluation[SAEConfig]]:
        self._held_out = super()._harvest_held_out()
        for config, sae in self._kept.items():
            self.measured[config] = measure(sae, self._held_out)
        self._kept |= {run.variant.config: run.trained for run in runs if run.trained is not None}
        return super().evaluate(runs)

    def _harvest_held_out(self) -> Activations:
        return self._held_out

    def decide(self, plan: Plan[SAEConfig], evaluations: Sequence[Evaluation[SAEConfig]]) -> Decision[SAEConfig]:
        """Decide, and stay at the plan: it may be decided about again."""
        decision = super().decide(plan, evaluations)
        self.sweep = plan  # type: ignore[assignment]
        return decision


class CarefulAdapters(LowRankAdapters):
    """Adapters, each round judged on other held-out sequences."""

    evaluation_round = 0

    def _tokens(
        self, corpus: str, encode: Callable[[str], list[int]], count: int, seed: int, *, held_out: bool
    ) -> torch.Tensor:
        other = _ROUND_STRIDE * self.evaluation_round if held_out else 0
        return super()._tokens(corpus, encode, count, seed + other, held_out=held_out)

    def __reduce__(self) -> tuple[object, ...]:
        return _make_adapters, (self.base, self.device, self._dictionary)


def _make_adapters(base: LoraConfig, device: str, dictionary: SparseAutoencoder | None) -> CarefulAdapters:
    agenda = CarefulAdapters(base, device=device)
    agenda._dictionary = dictionary
    return agenda
