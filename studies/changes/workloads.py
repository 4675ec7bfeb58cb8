"""The loops that changes are applied to, by name and size, each from the same seed with whatever a change sets."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from studies.changes.change import Size
from studies.toy.compressed_computation.agenda import CompressedComputation
from studies.toy.compressed_computation.config import FULL as W1_FULL
from studies.toy.compressed_computation.config import TOY as W1_TOY

Make = Callable[..., Any]


def make_agenda(workload: str, *, size: Size, seed: int, device: str, **settings: Any) -> Any:
    """The agenda of a workload; `settings` replace fields of its config.

    Args:
        workload: a name of `WORKLOADS`.
        size: `test` shows nothing but that it runs; `table` takes a second or a few for a loop, so that a table of
            many loops takes under an hour, and trains too briefly for its results to mean anything; `quick` minutes;
            `full` is the published size.
        seed: of the first plan.
        device: as torch names it.
        settings: fields of the workload's config.
    """
    if workload not in WORKLOADS:
        raise ValueError(f"no workload named {workload!r}; there are {', '.join(WORKLOADS)}")
    return WORKLOADS[workload](size=size, seed=seed, device=device, **settings)


# For tests: a loop of seconds. The labels differ enough that their order is the same at every seed.
_W1_TEST = replace(W1_TOY, features=20, neurons=10, embedding_dim=100, steps=150, evaluation_rows=20_000)
_W1_TABLE = replace(W1_TOY, steps=150, evaluation_rows=50_000)
# n = 100 with one active feature at a batch of 512: where one model alone keeps a core busy.
_W1_WIDE = replace(W1_TOY, features=100, neurons=50, embedding_dim=1000, mess_scale=0.033, batch_rows=512)


def _compressed_computation(*, size: Size, seed: int, device: str, **settings: Any) -> CompressedComputation:
    base = {"test": _W1_TEST, "table": _W1_TABLE, "quick": W1_TOY, "full": W1_FULL}[size]
    return CompressedComputation(replace(base, seed=seed, **settings), device=device)


def _compressed_computation_wide(*, size: Size, seed: int, device: str, **settings: Any) -> CompressedComputation:
    short = {"test": 100, "table": 50}
    base = replace(_W1_WIDE, steps=short[size], evaluation_rows=20_000) if size in short else _W1_WIDE
    return CompressedComputation(replace(base, seed=seed, **settings), device=device)


def _independent_features(*, size: Size, seed: int, device: str, **settings: Any) -> CompressedComputation:
    base = {"test": _W1_TEST, "table": _W1_TABLE, "quick": W1_TOY, "full": W1_FULL}[size]
    settings = {"activity": "independent", **settings}
    return CompressedComputation(replace(base, seed=seed, **settings), device=device)


def _parameter_decomposition(*, size: Size, seed: int, device: str, **settings: Any) -> Any:
    from studies.toy.parameter_decomposition.agenda import QUICK, ParameterDecomposition
    from studies.toy.parameter_decomposition.config import FULL_APD

    test = replace(QUICK, steps=25, target_steps=40, batch_rows=64, target_rows=64)
    table = replace(QUICK, steps=140, batch_rows=256, target_steps=300)
    base = {"test": test, "table": table, "quick": QUICK, "full": FULL_APD}[size]
    return ParameterDecomposition(replace(base, seed=seed, **settings), device=device)


def _local_sae(model: str) -> Make:
    """Dictionaries trained on one model's activations; with GPT-2's weights at full size, whatever the model."""

    def make(*, size: Size, seed: int, device: str, **settings: Any) -> Any:
        from studies.real.sparse_autoencoder import config as sae
        from studies.real.sparse_autoencoder.agenda import SparseAutoencoders

        quick = {"smollm2": sae.QUICK, "minilm": sae.QUICK_MINILM, "bytes": _relu_on_bytes(600)}[model]
        few = {"smollm2": 8, "minilm": 8, "bytes": 400}[model]
        base, judged = {
            "test": (_relu_on_bytes(64), sae.EvaluationConfig(8, 4)),
            "table": (replace(quick, sequences=few, chunk_sequences=few), sae.EvaluationConfig(max(4, few // 8), 4)),
            "quick": (quick, sae.QUICK_EVALUATION),
            "full": (sae.FULL, sae.FULL_EVALUATION),
        }[size]
        return SparseAutoencoders(replace(base, seed=seed, **settings), judged, device=device)

    return make


def _sae_objectives(*, size: Size, seed: int, device: str, **settings: Any) -> Any:
    from studies.real.sparse_autoencoder import config as sae
    from studies.real.sparse_autoencoder.objectives import SAEObjectives

    few = replace(sae.TOY_BYTES, sequences=120, chunk_sequences=120, batch_tokens=512)
    base, judged = {
        "test": (_relu_on_bytes(64), sae.EvaluationConfig(8, 4)),
        "table": (few, sae.EvaluationConfig(8, 4)),
        "quick": (sae.TOY_BYTES, sae.TOY_EVALUATION),
        "full": (sae.FULL, sae.FULL_EVALUATION),
    }[size]
    return SAEObjectives(replace(base, seed=seed, **settings), judged, device=device)


def _relu_on_bytes(sequences: int) -> Any:
    """Seconds on the model of bytes."""
    from studies.real.sparse_autoencoder.config import TOY_BYTES

    return replace(
        TOY_BYTES,
        sequences=sequences,
        chunk_sequences=sequences,
        batch_tokens=256,
        activation="relu",
        k=0,
        l1_coefficient=3.0,
    )


def _lora(model: str) -> Make:
    def make(*, size: Size, seed: int, device: str, **settings: Any) -> Any:
        from studies.real.lora import config as lora
        from studies.real.lora.agenda import LowRankAdapters

        test = replace(lora.TOY, sequences=32, held_out_sequences=4, dictionary_sequences=32, batch_sequences=8)
        few = replace(lora.QUICK, sequences=4, held_out_sequences=2, dictionary_sequences=8, batch_sequences=2)
        base = {
            "test": test,
            "table": replace(few, positions=64)
            if model == "smollm2"
            else replace(test, sequences=80, dictionary_sequences=64),
            "quick": lora.QUICK if model == "smollm2" else lora.TOY,
            "full": lora.FULL,
        }[size]
        return LowRankAdapters(replace(base, seed=seed, **settings), device=device)

    return make


def _murky(*, size: Size, seed: int, device: str, **settings: Any) -> Any:
    from studies.real.murky_evaluation.agenda import MurkyEvaluation
    from studies.real.murky_evaluation.config import FULL_MURKY, QUICK_MURKY, TOY

    test = replace(TOY, latents=0, sequences=8, sae=replace(TOY.sae, sequences=64, chunk_sequences=64))
    table = replace(TOY, latents=0, sequences=32, sae=replace(TOY.sae, sequences=120, chunk_sequences=120))
    base = {"test": test, "table": table, "quick": QUICK_MURKY, "full": FULL_MURKY}[size]
    return MurkyEvaluation(replace(base, sae=replace(base.sae, seed=seed), **settings), device=device)


WORKLOADS: dict[str, Make] = {
    "compressed-computation": _compressed_computation,
    "compressed-computation-wide": _compressed_computation_wide,
    "compressed-computation-independent": _independent_features,
    "parameter-decomposition": _parameter_decomposition,
    "sae-local": _local_sae("smollm2"),
    "sae-minilm": _local_sae("minilm"),
    "sae-bytes": _local_sae("bytes"),
    "sae-e2e": _sae_objectives,
    "lora": _lora("bytes"),
    "lora-smollm2": _lora("smollm2"),
    "murky-evaluation": _murky,
}
