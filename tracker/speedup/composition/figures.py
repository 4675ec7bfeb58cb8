"""From cells to figures: each answer of `mix` with its interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.composition.cells import Cells, Jackknifed, Statistic, jackknife
from tracker.speedup.composition.kitagawa import EFFECTS, FIRST, SYMMETRIC, Weighted, decompose, decompose_by_category
from tracker.speedup.composition.kitagawa import SECOND as OF_SECOND
from tracker.speedup.composition.loops import AFTER, BEFORE, Compared
from tracker.speedup.composition.results import (
    Category,
    CurvePoint,
    Decomposition,
    Effects,
    GroupSpeedup,
    Uplift,
)
from tracker.speedup.composition.uplift import Layout, log_speedup_at
from tracker.speedup.refusals import FEWEST
from tracker.speedup.results import Figure, NotEstimable

CURVE = np.linspace(0.0, 1.0, 11)
ADDS_UP = 1e-9  # relative to the values compared; the sums are of a few terms of like size
NO_CHANGE = NotEstimable(
    "the table holds no tooling change with both arms",
    'name changes to replay, such as changes=["scale:job:2"], or record arms with tools={NAME: True}',
)


@dataclass(frozen=True, eq=False)
class Question:
    """The loops in cells (group x side), and which two groups are set against each other."""

    cells: Cells
    layout: Layout
    compared: Compared
    names: tuple[str, ...]
    pair: tuple[int, int]
    level: float


def gap(question: Question) -> Decomposition | NotEstimable:
    """Why the two groups differ: in the share saved, or in seconds where nothing was changed."""
    refusal = _too_few(question, question.pair)
    if refusal is not None:
        return refusal
    layout, compared = question.layout, question.compared
    weighted = layout.savings if compared.has_change else layout.lengths
    words = (
        "share of the seconds saved = sum over parts of (share of the loop) x (share of it saved)"
        if compared.has_change
        else "seconds of a loop = sum over parts of (spans in a loop) x (seconds of one)"
    )
    return _decomposition(
        question,
        lambda sums: tuple(weighted(sums, group) for group in question.pair),
        words,
        "fraction" if compared.has_change else "seconds",
        tuple(question.names[group] for group in question.pair),
        compared.part_names,
    )


def shift(question: Question) -> Decomposition | NotEstimable:
    """Why loops of the two sides differ in length, over all groups."""
    small = question.cells.sizes
    if bool(((small > 0) & (small < FEWEST)).any()) or _cluster_empties(question):
        return NotEstimable(
            f"some group has fewer than {FEWEST} iterations (or a single cluster) on one side",
            f"record at least {FEWEST} of each group in {' and in '.join(question.compared.sides)}",
        )
    return _decomposition(
        question,
        lambda sums: tuple(question.layout.sides(sums, side) for side in (BEFORE, AFTER)),
        "seconds of a loop = sum over groups of (share of the loops) x (mean seconds of one)",
        "seconds",
        question.compared.sides,
        question.names,
    )


def group_speedups(question: Question) -> tuple[GroupSpeedup | NotEstimable, ...]:
    """Speedup of each group."""
    return tuple(_group_speedup(question, group) for group in range(len(question.names)))


def curve(question: Question) -> tuple[CurvePoint, ...] | NotEstimable:
    """Speedup against the share of baseline seconds that is work of the second group."""
    refusal = _refuse_speedup(question, question.pair)
    if refusal is not None:
        return refusal
    pair = list(question.pair)
    found = _jackknifed(question, lambda sums: log_speedup_at(CURVE, question.layout.log_speedups(sums)[..., pair]))
    return tuple(CurvePoint(float(fraction), *_exponential(found, place)) for place, fraction in enumerate(CURVE))


def uplift(question: Question) -> Uplift | NotEstimable:
    """Old mix, value and new mix side by side."""
    refusal = _refuse_speedup(question, tuple(range(len(question.names))))
    if refusal is not None:
        return refusal
    found = _jackknifed(question, question.layout.log_uplifts)
    old, value, new = (Figure(*_exponential(found, place)) for place in range(3))
    loops = question.layout.shaped(question.cells.sums())[..., -1]
    shares = loops / loops.sum(axis=0)
    sides = question.compared.sides
    return Uplift(
        old_mix=old,
        value=value,
        new_mix=new,
        is_ordered=bool(found.value[0] <= found.value[2]),
        old=f"mix of the {sides[BEFORE]} loops",
        new=f"mix of the {sides[AFTER]} loops",
        old_shares=tuple(zip(question.names, shares[:, BEFORE].tolist(), strict=True)),
        new_shares=tuple(zip(question.names, shares[:, AFTER].tolist(), strict=True)),
        unadjusted=_unadjusted(question),
    )


def _unadjusted(question: Question) -> float | None:
    if question.compared.is_paired:
        return None
    means = [float(question.layout.sides(question.cells.sums(), side).value) for side in (BEFORE, AFTER)]
    return means[0] / means[1]


def _group_speedup(question: Question, group: int) -> GroupSpeedup | NotEstimable:
    refusal = _refuse_speedup(question, (group,))
    if refusal is not None:
        return refusal
    found = _jackknifed(question, lambda sums: question.layout.log_speedups(sums)[..., group : group + 1])
    n = int((question.cells.of // 2 == group).sum())
    return GroupSpeedup(question.names[group], *_exponential(found, 0), n)


def _refuse_speedup(question: Question, groups: tuple[int, ...]) -> NotEstimable | None:
    return _too_few(question, groups) if question.compared.has_change else NO_CHANGE


def _too_few(question: Question, groups: tuple[int, ...]) -> NotEstimable | None:
    sizes = question.cells.sizes.reshape(-1, 2)
    by_side = question.compared.is_measured
    for group in groups:
        least = int(sizes[group].min() if by_side else sizes[group].sum())
        if least < FEWEST:
            side = f" in the {question.compared.sides[int(sizes[group].argmin())]} arm" if by_side else ""
            return NotEstimable(
                f"{least} finished iterations of {question.names[group]!r}{side}, at least {FEWEST} are needed",
                f"record {FEWEST - least} more",
            )
    if _cluster_empties(question):
        return NotEstimable(
            "all iterations of some group are of one cluster, at least 2 are needed", "leave cluster out, or add others"
        )
    return None


def _cluster_empties(question: Question) -> bool:
    """True where a cell that holds loops rests on a single cluster."""
    cluster = question.cells.cluster
    if cluster is None:
        return False
    cells = question.cells.of if question.compared.is_measured else question.cells.of // 2
    return any(np.unique(cluster[cells == cell]).size < 2 for cell in np.unique(cells))


def _jackknifed(question: Question, statistic: Statistic) -> Jackknifed:
    return jackknife(question.cells, statistic, question.level)


def _exponential(found: Jackknifed, place: int) -> tuple[float, tuple[float, float]]:
    value, half = float(found.value[place]), float(found.half[place])
    return float(np.exp(value)), (float(np.exp(value - half)), float(np.exp(value + half)))


def _decomposition(
    question: Question,
    weighted: Callable[[FloatArray], tuple[Weighted, ...]],
    quantity: str,
    unit: str,
    names: tuple[str, ...],
    categories: tuple[str, ...],
) -> Decomposition:
    def statistic(sums: FloatArray) -> FloatArray:
        first, second = weighted(sums)
        effects = decompose(first, second)
        difference = second.value - first.value
        return np.concatenate([effects.reshape(*effects.shape[:-2], 9), difference[..., None]], axis=-1)

    found = _jackknifed(question, statistic)
    first, second = weighted(question.cells.sums())
    effects = found.value[:9].reshape(3, 3)
    values = float(first.value), float(second.value)
    size = max(abs(values[0]), abs(values[1]), 1e-300)
    assert np.abs(effects.sum(axis=1) - (values[1] - values[0])).max() <= ADDS_UP * size, "the effects do not add up"
    return Decomposition(
        quantity=quantity,
        unit=unit,
        first=names[0],
        second=names[1],
        first_value=values[0],
        second_value=values[1],
        difference=_figure(found, 9),
        by_reference=tuple(
            Effects(reference, *(_figure(found, 3 * row + column) for column in range(3)))
            for row, reference in enumerate((*names, "symmetric"))
        ),
        sign_disagreements=_disagreements(effects, names, ADDS_UP * size),
        categories=_categories(first, second, categories),
    )


def _figure(found: Jackknifed, place: int) -> Figure:
    value, half = float(found.value[place]), float(found.half[place])
    return Figure(value, (value - half, value + half))


def _disagreements(effects: FloatArray, names: tuple[str, ...], rounding: float) -> tuple[str, ...]:
    return tuple(
        f"{effect}: {effects[FIRST, place]:+.4g} with {names[0]} as the reference, "
        f"{effects[OF_SECOND, place]:+.4g} with {names[1]}: it has no direction without naming one"
        for place, effect in enumerate(EFFECTS[:2])
        if effects[:2, place].min() < -rounding and effects[:2, place].max() > rounding
    )


def _categories(first: Weighted, second: Weighted, names: tuple[str, ...]) -> tuple[Category, ...]:
    split = decompose_by_category(first, second)[SYMMETRIC]
    rates = [[None if np.isnan(rate) else float(rate) for rate in one.rate] for one in (first, second)]
    rows = [
        Category(
            name,
            float(first.weight[place]),
            float(second.weight[place]),
            rates[0][place],
            rates[1][place],
            float(split[0, place]),
            float(split[1, place]),
        )
        for place, name in enumerate(names)
    ]
    return tuple(row for row in rows if row.first_weight or row.second_weight)
