"""The verdict: does this implementation show the effect that every correct one shows?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from studies.toy.compressed_computation.config import MESSES, Config, Mess, with_mess
from studies.toy.compressed_computation.labels import make_task
from studies.toy.compressed_computation.loss import (
    exact_loss_over_p,
    naive_loss_over_p,
    sampled_loss_over_p,
    svd_bound_over_p,
)
from studies.toy.compressed_computation.model import make_model
from studies.toy.compressed_computation.training import cpu_threads, train
from studies.toy.unrecorded import Unrecorded

EMBED_AT_MOST = 0.073  # toy size; well above the spread of seeds, well below the naive 1/12
CLEAN_WITHIN_FRACTION = 0.01


@dataclass(frozen=True)
class Score:
    """One trained variant.

    Attributes:
        loss_over_p: exact where one feature is active, else sampled.
        standard_error: of that value; 0 where it is exact.
        svd_bound: the least that any weights can reach with one active feature.
    """

    config: Config
    loss_over_p: float
    standard_error: float
    svd_bound: float


@dataclass(frozen=True)
class Gate:
    """One claim about the losses, with what was measured."""

    claim: str
    measured: str
    passed: bool


def score_variant(config: Config, *, device: str = "cpu") -> Score:
    """Train one config from scratch and score it."""
    untrained = make_task(config)
    with cpu_threads(config.threads):
        task, model = train(untrained, make_model(untrained), Unrecorded(), device=device)
    bound = svd_bound_over_p(task.mess, config.neurons)
    if config.activity == "one":
        return Score(config, exact_loss_over_p(model, task), 0.0, bound)
    sampled = sampled_loss_over_p(model, task)
    return Score(config, sampled.loss_over_p, sampled.standard_error, bound)


def score_variants(
    base: Config,
    *,
    seed: int,
    messes: Sequence[Mess] = MESSES,
    changes: Mapping[str, Any] | None = None,
    device: str = "cpu",
) -> dict[Mess, Score]:
    """The kinds of mess at one seed, each with the same changes to its config."""
    configs = {mess: replace(with_mess(base, mess), seed=seed, **changes or {}) for mess in messes}
    return {mess: score_variant(config, device=device) for mess, config in configs.items()}


def judge(scores: Mapping[Mess, Score]) -> list[Gate]:
    """Hold one seed's losses against the gates; a sampled loss is given three standard errors."""
    clean, embed = scores["clean"], scores["embed"]
    naive = naive_loss_over_p(clean.config.features, clean.config.neurons)
    order: tuple[Mess, ...] = ("flipped", "embed", "asymmetric", "clean")
    losses = [scores[mess].loss_over_p for mess in order]
    floor = naive - 3 * clean.standard_error
    # Rounding alone can put the exact loss below: the weights are float32.
    not_below = clean.loss_over_p >= floor * (1 - 1e-6)
    return [
        Gate(
            f"clean is within {CLEAN_WITHIN_FRACTION:.0%} of the naive {naive:.5f} and never below it",
            f"{clean.loss_over_p:.5f}",
            not_below and abs(clean.loss_over_p / naive - 1) <= CLEAN_WITHIN_FRACTION,
        ),
        Gate(
            f"embed is at most {EMBED_AT_MOST}",
            f"{embed.loss_over_p:.5f}",
            embed.loss_over_p <= EMBED_AT_MOST,
        ),
        Gate(
            " < ".join(order),
            " < ".join(f"{loss:.5f}" for loss in losses),
            all(lower < higher for lower, higher in pairwise(losses)),
        ),
    ]
