"""The four workloads of the study, so short that every arm of every tool is recorded in half an hour on two idle cores.

W1 and W2 are the toy agenda, W3 and W4 the real one: the same pretrained language model that the other studies use.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Make = Callable[..., Any]


@dataclass(frozen=True)
class Workload:
    """One line of research.

    Attributes:
        study: its name in the record.
        regime: `toy` or `real`.
        iterations: turns of the loop in one round of the recording.
        rounds: how often the whole loop is turned, each time from new seeds.
        make: `make(seed, **settings)` returns its agenda; settings replace fields of its config.
    """

    study: str
    regime: str
    iterations: int
    rounds: int
    make: Make


def _compressed_computation(seed: int, **settings: Any) -> Any:
    from studies.toy.compressed_computation.agenda import CompressedComputation
    from studies.toy.compressed_computation.config import TOY

    return CompressedComputation(replace(TOY, steps=300, evaluation_rows=30_000, seed=seed, **settings))


def _parameter_decomposition(seed: int, **settings: Any) -> Any:
    from studies.toy.parameter_decomposition.agenda import QUICK, ParameterDecomposition

    return ParameterDecomposition(replace(QUICK, steps=100, target_steps=500, seed=seed, **settings))


def _sae_language_model(seed: int, **settings: Any) -> Any:
    """A ninth of the quick study's text: 2,000 tokens, 8 steps a job."""
    from studies.real.sparse_autoencoder.config import QUICK, EvaluationConfig
    from studies.toy_vs_real.careful import CarefulAutoencoders

    base = replace(QUICK, sequences=16, chunk_sequences=16, seed=seed, **settings)
    return CarefulAutoencoders(base, EvaluationConfig(sequences=6, loss_sequences=1))


def _lora_dictionary(seed: int, **settings: Any) -> Any:
    """Two optimiser steps a job, with the whole language model in each."""
    from studies.real.lora.config import QUICK
    from studies.toy_vs_real.careful import CarefulAdapters

    short = replace(QUICK, sequences=6, positions=48, batch_sequences=3, held_out_sequences=2, dictionary_sequences=12)
    return CarefulAdapters(replace(short, seed=seed, **settings))


WORKLOADS: Mapping[str, Workload] = {
    "compressed-computation": Workload("compressed-computation", "toy", 4, 6, _compressed_computation),
    "parameter-decomposition": Workload("parameter-decomposition", "toy", 3, 6, _parameter_decomposition),
    "sae-language-model": Workload("sae-language-model", "real", 4, 6, _sae_language_model),
    "lora-dictionary": Workload("lora-dictionary", "real", 2, 6, _lora_dictionary),
}
