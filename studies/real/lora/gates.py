"""The verdict on adapters: what any correct implementation shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from studies.driver import Run, Variant
from studies.real.lora.agenda import LowRankAdapters
from studies.real.lora.config import LoraConfig
from studies.toy.unrecorded import Unrecorded

GATHER_WITHIN_NATS = 1e-3  # the same sums in another order, a training long

Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Gate:
    """One claim with what was measured."""

    claim: str
    measured: str
    passed: bool


def score_variants(base: LoraConfig, variants: tuple[str, ...], *, device: str = "cpu") -> dict[str, Metrics]:
    """Train each variant on the same task with the same frozen dictionary, and judge it on held-out text."""
    agenda = LowRankAdapters(base, device=device)
    runs = []
    for name in variants:
        variant = Variant(name, replace(base, variant=name))
        runs.append(Run(variant, agenda.train(variant, agenda.build(variant), Unrecorded())))
    return {one.variant.name: one.metrics for one in agenda.evaluate(runs)}


def judge(config: LoraConfig, scores: Mapping[str, Metrics]) -> list[Gate]:
    """The gates for which the variants are there."""
    gates = []
    if {"residual", "dictionary"} <= set(scores):
        ratio = scores["dictionary"]["parameters"] / scores["residual"]["parameters"]
        gates.append(
            Gate(
                f"the dictionary basis takes exactly {config.dictionary_size} / {config.d_model} times the parameters",
                f"{scores['dictionary']['parameters']:,.0f} / {scores['residual']['parameters']:,.0f} = {ratio:g}",
                ratio == config.dictionary_size / config.d_model,
            )
        )
    for name in scores:
        adapted, before = scores[name]["task_loss"], scores[name]["base_task_loss"]
        gates.append(
            Gate(f"{name}: the task loss is below the base's", f"{adapted:.4f} < {before:.4f}", adapted < before)
        )
    if {"dictionary", "sparse_gather"} <= set(scores):
        apart = abs(scores["sparse_gather"]["task_loss"] - scores["dictionary"]["task_loss"])
        gates.append(
            Gate(
                f"sparse gather is the dense adapter, within {GATHER_WITHIN_NATS:g} nats",
                f"{apart:.1e}",
                apart <= GATHER_WITHIN_NATS,
            )
        )
    return gates
