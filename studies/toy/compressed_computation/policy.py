"""The scripted researcher's policy: sweep one axis at a time around the best setting so far.

What it is after: the setting in which a model falls furthest below the naive loss of its size. Each sweep compares a
few values of one axis, all at the same new seeds. The value with the lowest mean ratio to the naive loss becomes the
setting around which the next axis is swept; a best value at the end of its axis widens that axis first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from studies.driver import Decision, Evaluation, Plan, Variant
from studies.toy.compressed_computation.axes import AXES, Axis
from studies.toy.compressed_computation.config import Config

NO_CHOICE = "keep the setting"


@dataclass(frozen=True)
class Sweep(Plan[Config]):
    """A plan that remembers what it varies.

    Attributes:
        base: the setting around which the axis is swept.
        axis: place in `AXES`.
        first_seed: the lowest of its seeds; the next sweep goes on after the highest.
        widened: the axis was swept just before, and its best value lay at the end.
    """

    base: Config
    axis: int
    first_seed: int
    widened: bool = False

    @property
    def seeds(self) -> range:
        return range(self.first_seed, self.first_seed + AXES[self.axis].seeds)


def make_sweep(base: Config, *, axis: int, first_seed: int, widened: bool = False) -> Sweep:
    """The plan that varies one axis around a base, each value at the same new seeds."""
    variants = tuple(
        Variant(f"{label} seed={seed}", replace(config, seed=seed))
        for label, config in AXES[axis].values(base).items()
        for seed in range(first_seed, first_seed + AXES[axis].seeds)
    )
    idea = f"sweep {AXES[axis].name}{' wider' if widened else ''} around {base.mess}"
    return Sweep(idea, variants, base, axis, first_seed, widened)


def decide(sweep: Sweep, evaluations: Sequence[Evaluation[Config]]) -> Decision[Config]:
    """Choose a value of the axis, and from it what to sweep next.

    The decision is clear if each seed alone would have chosen the same.
    """
    axis = AXES[sweep.axis]
    values = axis.values(sweep.base)
    ratios = ratios_by_label(sweep, evaluations)
    if not ratios:
        stay = make_next_sweep(sweep, sweep.base)
        return Decision(NO_CHOICE, (*values, NO_CHOICE), "no value finished at every seed", "murky", stay)
    means = {label: fmean(of_label) for label, of_label in ratios.items()}
    choice = choose(means, axis)
    seed_choices = {
        choose({label: of_label[place] for label, of_label in ratios.items()}, axis)
        for place in range(len(sweep.seeds))
    }
    agree = seed_choices == {choice}
    because = format_reason(means, seeds=len(sweep.seeds), agree=agree)
    following = make_next_sweep(sweep, values[choice], at_end=choice in (next(iter(values)), list(values)[-1]))
    return Decision(choice, tuple(values), because, "clear" if agree else "murky", following)


def ratios_by_label(sweep: Sweep, evaluations: Sequence[Evaluation[Config]]) -> dict[str, list[float]]:
    """Ratio to the naive loss of each value at each seed; without the values that lack one, for they do not compare."""
    measured = {one.variant.config: one.metrics["naive_ratio"] for one in evaluations}
    ratios = {}
    for label, config in AXES[sweep.axis].values(sweep.base).items():
        at_seeds = [replace(config, seed=seed) for seed in sweep.seeds]
        if all(one in measured for one in at_seeds):
            ratios[label] = [measured[one] for one in at_seeds]
    return ratios


def choose(ratios: Mapping[str, float], axis: Axis) -> str:
    """The label with the lowest ratio, or the first one close enough to it."""
    close_enough = min(ratios.values()) * (1 + axis.tolerance_fraction)
    return next(label for label, ratio in ratios.items() if ratio <= close_enough)


def make_next_sweep(sweep: Sweep, base: Config, *, at_end: bool = False) -> Sweep:
    """The same axis once more if its best value lay at the end of a scale, else the next axis; always new seeds."""
    first_seed = sweep.seeds.stop
    if at_end and AXES[sweep.axis].ordered and not sweep.widened:
        return make_sweep(base, axis=sweep.axis, first_seed=first_seed, widened=True)
    return make_sweep(base, axis=(sweep.axis + 1) % len(AXES), first_seed=first_seed)


def format_reason(means: Mapping[str, float], *, seeds: int, agree: bool) -> str:
    """The figures that decided, best first."""
    ranked = ", ".join(f"{label} {ratio:.3f}" for label, ratio in sorted(means.items(), key=lambda pair: pair[1]))
    return f"L/p over naive: {ranked} (mean of {seeds} seeds, which {'agree' if agree else 'disagree'})"
