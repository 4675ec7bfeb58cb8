"""From `mix` to the rows of its charts and tables: speedup against a share of work, and Kitagawa's parts."""

from collections.abc import Sequence
from typing import Any

from tracker.reporting import text
from tracker.reporting.claims import TOY_AND_REAL, Claim
from tracker.speedup import Mix, NotEstimable
from tracker.speedup.composition.results import Decomposition, Effects, Uplift
from tracker.speedup.results import Figure

Cells = dict[str, str]
EFFECTS = {
    "within": "the same work going otherwise",
    "mix": "other work",
    "interaction": "both together",
}
TOLD_APART = "they can be told apart"


def share_curve_rows(found: Mix) -> list[dict[str, Any]]:
    """Returns the rows of `mix_charts.share_curve`; none where there is no curve."""
    if isinstance(found.curve, NotEstimable):
        return []
    return [
        {
            "fraction": point.fraction,
            "speedup": point.speedup,
            "low": point.interval[0],
            "high": point.interval[1],
            "n": found.n,
        }
        for point in found.curve
    ]


def effect_rows(found: Decomposition) -> list[dict[str, Any]]:
    """Returns the rows of `mix_charts.effects`: each effect with each group as reference."""
    return [
        {
            "reference": effects.reference,
            "effect": name,
            "means": means,
            "value": figure.value,
            "low": figure.interval[0],
            "high": figure.interval[1],
            "shown": format_figure(figure, found.unit),
        }
        for effects in found.by_reference
        for name, means in EFFECTS.items()
        for figure in (getattr(effects, name),)
    ]


def group_table(found: Mix) -> list[Cells]:
    """Returns the speedup of each group with its interval and n, or why there is none."""
    return [
        {"of": "", "speedup": text.format_reason(group), "n": "", "evidence": found.evidence}
        if isinstance(group, NotEstimable)
        else {
            "of": text.format_regime(group.group),
            "speedup": f"{text.format_speedup(group.speedup)} ({text.format_interval(group.interval)})",
            "n": text.format_count(group.n, "iteration"),
            "evidence": found.evidence,
        }
        for group in found.groups
    ]


def claim_table(found: Mix, claims: Sequence[Claim]) -> list[Cells]:
    """Returns each claim beside what these loops give; a verdict only where the whole interval lies on one side."""
    by_group = {group.group: group for group in found.groups if not isinstance(group, NotEstimable)}
    rows = []
    for claim in claims:
        group = by_group.get(claim.regime)
        here = "not estimable here" if group is None else _estimate(group.speedup, group.interval)
        rows.append(
            {
                "claimed": f"{claim.low:g}-{claim.high:g}x on {text.format_regime(claim.regime)}",
                "against": claim.baseline,
                "this change, these loops": here,
                "so": "cannot be said" if group is None else _against(group.interval, claim),
            }
        )
    return rows


def curve_table(found: Mix, pair: tuple[str, str] = TOY_AND_REAL) -> list[Cells]:
    """Returns the points of the curve over the share of the second of two regimes."""
    return [
        {
            f"share on {text.format_regime(pair[1])}": text.format_fraction(row["fraction"]),
            "speedup of the whole": _estimate(row["speedup"], (row["low"], row["high"])),
            "evidence": found.evidence,
        }
        for row in share_curve_rows(found)
    ]


def at_share(found: Mix, share: float, pair: tuple[str, str] = TOY_AND_REAL) -> str:
    """Says the speedup at one share of the second of two regimes, that of the curve's nearest point."""
    points = share_curve_rows(found)
    if not points:
        return text.NOT_RECORDED
    point = min(points, key=lambda each: abs(each["fraction"] - share))
    return (
        f"With {text.format_fraction(point['fraction'])} of the work on {text.format_regime(pair[1])}: "
        f"{_estimate(point['speedup'], (point['low'], point['high']))}, {text.format_level(found.level)}, "
        f"n = {text.format_count(found.n)}, {found.evidence}."
    )


def effect_table(found: Decomposition) -> list[Cells]:
    """Returns Kitagawa's parts, one row for each reference."""
    return [_effects(effects, found.unit) for effects in found.by_reference]


def category_table(found: Decomposition) -> list[Cells]:
    """Returns what each part of a loop adds to the symmetric split, the largest first."""
    show = text.format_fraction if found.unit == "fraction" else text.format_seconds
    ranked = sorted(found.categories, key=lambda each: -(abs(each.within) + abs(each.mix)))
    return [
        {
            "part of the loop": text.format_target(each.name) if ":" in each.name else text.format_regime(each.name),
            f"weight, {found.first}": text.format_number(each.first_weight),
            f"weight, {found.second}": text.format_number(each.second_weight),
            "within": show(each.within),
            "mix": show(each.mix),
        }
        for each in ranked
    ]


def uplift_table(found: Uplift) -> list[Cells]:
    """Returns the speedup of the old mix, of the new, and what lies between."""
    rows = (
        ("old mix", found.old_mix, found.old),
        ("value", found.value, "between the two: their geometric mean"),
        ("new mix", found.new_mix, found.new),
    )
    return [
        {"of": name, "speedup": _estimate(figure.value, figure.interval), "means": words}
        for name, figure, words in rows
    ]


def gap_sentence(found: Decomposition) -> str:
    """Says how far the groups are apart and what most of that is."""
    symmetric = next(each for each in found.by_reference if each.reference == "symmetric")
    first, second = (text.format_regime(name) for name in (found.first, found.second))
    show = text.format_fraction if found.unit == "fraction" else text.format_seconds
    what = "share of the seconds saved" if found.unit == "fraction" else "time of a loop"
    low, high = found.difference.interval
    known = TOLD_APART if low > 0 or high < 0 else "they cannot be told apart"
    return (
        f"The {what} is {show(found.first_value)} on {first} and {show(found.second_value)} on {second}, a difference "
        f"of {format_figure(found.difference, found.unit)}: {known}. Of it, "
        f"{format_figure(symmetric.within, found.unit)} is the same work going otherwise and "
        f"{format_figure(symmetric.mix, found.unit)} is other work."
    )


def format_figure(figure: Figure, unit: str) -> str:
    """Returns a difference with its interval, in percent or as a duration."""
    show = text.format_fraction if unit == "fraction" else text.format_seconds
    low, high = figure.interval
    return f"{show(figure.value)} ({show(low)} to {show(high)})"


def _effects(effects: Effects, unit: str) -> Cells:
    reference = effects.reference
    named = reference if reference == "symmetric" else text.format_regime(reference)
    return {"reference": named, **{name: format_figure(getattr(effects, name), unit) for name in EFFECTS}}


def _estimate(speedup: float, interval: tuple[float, float]) -> str:
    return f"{text.format_speedup(speedup)} ({text.format_interval(interval)})"


def _against(interval: tuple[float, float], claim: Claim) -> str:
    low, high = interval
    if high < claim.low:
        return "less than claimed"
    if low > claim.high:
        return "more than claimed"
    return "within the claim" if claim.low <= low and high <= claim.high else "open: the interval reaches across"
