"""The scripted researcher's policy: one question after another, each asked around the best SAE so far.

What it is after: little variance unexplained from few latents. Each sweep compares a few answers to one question with
the setting they would replace; the best trade-off becomes the setting around which the next question is asked. The
last question asks new seeds whether the choice stands.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch

from studies.driver import Decision, Plan, Variant
from studies.real.sparse_autoencoder.config import SAEConfig
from studies.real.sparse_autoencoder.metrics import Measurement

# Twice as many latents have to cut the unexplained variance by a tenth, or the sparser SAE is preferred.
WORTH_OF_A_DOUBLING = 0.9

# Below this share of live latents, reviving the dead ones comes before any more of them.
ENOUGH_LIVE_FRACTION = 0.5

# Two standard errors: a difference smaller than that, the evaluation itself can reverse.
NOISE_MULTIPLE = 2.0


@dataclass(frozen=True)
class Question:
    """What one iteration asks: the answers, by label, as variations of the setting so far."""

    idea: str
    answers: Callable[[SAEConfig], dict[str, SAEConfig]]


def _penalties(base: SAEConfig) -> dict[str, SAEConfig]:
    return {
        f"relu l1={l1:g}": replace(base, activation="relu", k=0, l1_coefficient=l1)
        for l1 in (base.l1_coefficient / 2, base.l1_coefficient)
    }


def _top_k(base: SAEConfig) -> dict[str, SAEConfig]:
    return {f"topk k={k}": replace(base, activation="topk", k=k, l1_coefficient=0.0) for k in (16, 32, 64)}


def _rates(base: SAEConfig) -> dict[str, SAEConfig]:
    return {
        f"rate {rate:g}": replace(base, learning_rate=rate) for rate in (base.learning_rate / 2, base.learning_rate * 2)
    }


def _widths(base: SAEConfig) -> dict[str, SAEConfig]:
    return {
        f"width {ratio}x": replace(base, dictionary_ratio=ratio)
        for ratio in (base.dictionary_ratio // 2, base.dictionary_ratio * 2)
    }


def _revivals(base: SAEConfig) -> dict[str, SAEConfig]:
    return {f"revive {coefficient:g}": replace(base, dead_coefficient=coefficient) for coefficient in (1 / 32, 1 / 8)}


def _seeds(base: SAEConfig) -> dict[str, SAEConfig]:
    return {f"seed {seed}": replace(base, seed=seed) for seed in (base.seed + 1, base.seed + 2)}


PENALTY = Question("relu with an L1 penalty", _penalties)
TOP_K = Question("topk instead of a penalty", _top_k)
RATE = Question("learning rate", _rates)
WIDTH = Question("width of the dictionary", _widths)
REVIVAL = Question("revive dead latents", _revivals)
SEEDS = Question("does the choice stand at new seeds", _seeds)


@dataclass(frozen=True)
class Sweep(Plan[SAEConfig]):
    """A plan that remembers its question and the setting it would change."""

    question: Question
    base: SAEConfig


def make_sweep(question: Question, base: SAEConfig) -> Sweep:
    """The plan that tries every answer to a question."""
    variants = tuple(Variant(label, config) for label, config in question.answers(base).items())
    return Sweep(question.idea, variants, question, base)


def trade_off(measurement: Measurement) -> float:
    """ln FVU plus the price of the latents; lower is better, and an SAE that another dominates is never best."""
    return math.log(measurement.fvu) - math.log(WORTH_OF_A_DOUBLING) * math.log2(measurement.l0)


def standard_error_of_difference(one: Measurement, other: Measurement) -> float:
    """Of `trade_off(one) - trade_off(other)`, by the jackknife over held-out sequences, which the two share."""
    count = len(one.tokens)
    differences = torch.tensor(
        [trade_off(one.without(left_out)) - trade_off(other.without(left_out)) for left_out in range(count)],
        dtype=torch.float64,
    )
    return float(((differences - differences.mean()).square().sum() * (count - 1) / count).sqrt())


def decide(sweep: Sweep, measured: Mapping[SAEConfig, Measurement], *, notes: str = "") -> Decision[SAEConfig]:
    """Choose from everything measured what to do next.

    Args:
        sweep: the question just tried.
        measured: every SAE measured so far, by config; a failed job has none.
        notes: added to the reason.
    """
    if sweep.question == SEEDS:
        return _decide_on_seeds(sweep, measured, notes)
    labels = {sweep.base: "as before"} | {variant.config: variant.name for variant in sweep.variants}
    ranked = sorted((config for config in labels if config in measured), key=lambda c: trade_off(measured[c]))
    options = tuple(labels[config] for config in ranked)
    if len(ranked) < 2:
        stay = ranked[0] if ranked else sweep.base
        following = make_sweep(next_question(sweep.question, measured.get(stay)), stay)
        return Decision(labels[stay], tuple(labels.values()), "too few jobs finished to compare", "murky", following)
    best, second = measured[ranked[0]], measured[ranked[1]]
    margin, noise = trade_off(second) - trade_off(best), standard_error_of_difference(best, second)
    because = "; ".join(f"{labels[config]}: {format_measurement(measured[config])}" for config in ranked)
    because += f"; best leads by {margin:.3f}, noise {noise:.3f}"
    clarity = "clear" if margin > NOISE_MULTIPLE * noise else "murky"
    following = make_sweep(next_question(sweep.question, best), ranked[0])
    return Decision(options[0], options, because, clarity, following)


def next_question(asked: Question, best: Measurement | None) -> Question:
    """What to ask after a question, given the best SAE so far."""
    if asked == RATE and best is not None and best.live_fraction < ENOUGH_LIVE_FRACTION:
        return REVIVAL
    return {PENALTY: TOP_K, TOP_K: RATE, RATE: WIDTH, WIDTH: SEEDS, REVIVAL: SEEDS}[asked]


def _decide_on_seeds(sweep: Sweep, measured: Mapping[SAEConfig, Measurement], notes: str) -> Decision[SAEConfig]:
    """Accept the choice if each new seed of it still beats the best setting that it was preferred to."""
    seeds = [measured[variant.config] for variant in sweep.variants if variant.config in measured]
    chosen = {sweep.base, *(variant.config for variant in sweep.variants)}
    others = [measurement for config, measurement in measured.items() if config not in chosen]
    options = ("accept", "leave open")
    if not seeds or not others:
        return Decision("leave open", options, "no seed finished, or nothing to compare with", "murky", None)
    rival = min(others, key=trade_off)
    stands = [trade_off(seed) < trade_off(rival) for seed in seeds]
    because = "; ".join(f"new seed: {format_measurement(seed)}" for seed in seeds)
    because += f"; best other: {format_measurement(rival)}{notes}"
    choice = "accept" if sum(stands) * 2 > len(stands) else "leave open"
    return Decision(choice, options, because, "clear" if len(set(stands)) == 1 else "murky", None)


def format_measurement(measurement: Measurement) -> str:
    """The three metrics of one SAE in one phrase."""
    return f"FVU {measurement.fvu:.3f} at L0 {measurement.l0:.1f}, {measurement.live_fraction:.0%} live"
