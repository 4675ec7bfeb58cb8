"""What can be varied around a setting: the mess and its size, how it is trained, how large it is, what it sees."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from studies.toy.compressed_computation.config import MESSES, Config, with_mess

Values = dict[str, Config]  # label to config, in the order of the axis


@dataclass(frozen=True)
class Axis:
    """One direction of a sweep.

    Attributes:
        values: the configs to compare around a base, by label.
        ordered: the values lie on a scale, so that a best value at its end asks for a wider look.
        tolerance_fraction: the first value within this of the best is chosen; above 0 where first is cheapest.
        seeds: how many new seeds each value gets. One ranks no variants: the spread between seeds is a third of the
            gap between neighbouring ones.
    """

    name: str
    values: Callable[[Config], Values]
    ordered: bool = False
    tolerance_fraction: float = 0.0
    seeds: int = 2


def vary_mess(base: Config) -> Values:
    return {mess: with_mess(base, mess) for mess in MESSES}


def vary_mess_scale(base: Config) -> Values:
    """The size s of the mess; where an embedding makes it, s is about 1 / sqrt(d), so d follows."""
    configs = {}
    for factor in (0.7, 1.0, 1.4):
        if base.mess in ("embed", "flipped"):
            dim = round(base.embedding_dim / factor**2)
            configs[f"d={dim}"] = replace(base, embedding_dim=dim)
        else:
            scale = base.mess_scale * factor
            configs[f"s={scale:.3g}"] = replace(base, mess_scale=scale)
    return configs


def vary_learning_rate(base: Config) -> Values:
    rates = [base.learning_rate * factor for factor in (1 / 3, 1.0, 3.0)]
    return {f"lr={rate:.2g}": replace(base, learning_rate=rate) for rate in rates}


def vary_init(base: Config) -> Values:
    return {"init=kaiming": replace(base, init="kaiming"), "init=fan_in": replace(base, init="fan_in")}


def vary_steps(base: Config) -> Values:
    """Never above the base's, so that a loop does not slow down by itself; is a shorter training as good?"""
    return {f"steps={steps}": replace(base, steps=steps) for steps in (base.steps // 4, base.steps // 2, base.steps)}


def vary_neurons(base: Config) -> Values:
    counts = [round(base.features * fraction) for fraction in (0.25, 0.5, 0.75)]
    return {f"h={count}": replace(base, neurons=count) for count in counts}


def vary_sparsity(base: Config) -> Values:
    """Does it last when several features are active at once? Only sampling can evaluate those."""
    one = replace(base, activity="one")
    independent = replace(base, activity="independent", evaluation="sampled")
    return {"one active": one} | {f"p={p}": replace(independent, active_probability=p) for p in (0.01, 0.05)}


def repeat_with_control(base: Config) -> Values:
    """Does it hold at more seeds, against the same model without a mess?"""
    return {"chosen": base, "clean": with_mess(base, "clean")}


AXES: tuple[Axis, ...] = (
    Axis("label", vary_mess),
    Axis("mess size", vary_mess_scale, ordered=True),
    Axis("learning rate", vary_learning_rate, ordered=True),
    Axis("initial weights", vary_init),
    Axis("steps", vary_steps, tolerance_fraction=0.01),
    Axis("neurons", vary_neurons),
    Axis("sparsity", vary_sparsity),
    Axis("seed", repeat_with_control, seeds=4),
)
