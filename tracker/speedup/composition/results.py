"""What `mix` hands back."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.speedup.results import Figure, NotEstimable


@dataclass(frozen=True)
class Effects:
    """One way to split the difference; the three add up to it.

    Attributes:
        reference: The group whose weights and rates are the standard, or `symmetric`.
        within: The same work going otherwise.
        mix: Other work.
        interaction: Both together; 0 in the symmetric form.
    """

    reference: str
    within: Figure
    mix: Figure
    interaction: Figure


@dataclass(frozen=True)
class Category:
    """One category's part of the symmetric split.

    Attributes:
        name: A part of the loop, or a regime.
        first_weight, second_weight: Its weight in either group.
        first_rate, second_rate: Its rate in either group; None where the group has none of it.
        within, mix: What it adds to either effect.
    """

    name: str
    first_weight: float
    second_weight: float
    first_rate: float | None
    second_rate: float | None
    within: float
    mix: float


@dataclass(frozen=True)
class Decomposition:
    """A difference between two groups, split after Kitagawa (1955).

    Attributes:
        quantity: What is compared, its weights and its rates, in words.
        unit: `fraction` of the seconds saved, or `seconds` per loop.
        first, second: The groups; the difference is second - first.
        first_value, second_value, difference: The quantity.
        by_reference: With the first, the second and both groups as reference.
        sign_disagreements: Sentences; empty where all references agree on the direction of each effect.
        categories: The symmetric split by category.
    """

    quantity: str
    unit: str
    first: str
    second: str
    first_value: float
    second_value: float
    difference: Figure
    by_reference: tuple[Effects, ...]
    sign_disagreements: tuple[str, ...]
    categories: tuple[Category, ...]


@dataclass(frozen=True)
class GroupSpeedup:
    """The speedup of one group: baseline seconds / changed seconds, totals."""

    group: str
    speedup: float
    interval: tuple[float, float]
    n: int


@dataclass(frozen=True)
class Uplift:
    """The speedup of old work, of new work, and what lies between.

    Attributes:
        old_mix: Of the work done before: its seconds at baseline / its seconds with the change.
        value: Between the two: their geometric mean.
        new_mix: Of the work done after.
        is_ordered: True where old_mix <= new_mix, as it is when people move to work that the tool helps more.
        old, new: What the two mixes are, in words.
        old_shares, new_shares: Share of the loops by group, 0 to 1.
        unadjusted: Mean seconds of a loop before / after, in which mix and tool are mixed up; None where the same loops
            are replayed.
    """

    old_mix: Figure
    value: Figure
    new_mix: Figure
    is_ordered: bool
    old: str
    new: str
    old_shares: tuple[tuple[str, float], ...]
    new_shares: tuple[tuple[str, float], ...]
    unadjusted: float | None


@dataclass(frozen=True)
class CurvePoint:
    """The speedup when this share of the baseline seconds is work of the second group."""

    fraction: float
    speedup: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Mix:
    """What the mix of work explains.

    Attributes:
        by: What divides the loops: `regime`, `study` or `person`.
        change: What is compared, in words; empty where the table holds no change.
        gap: Why the two groups differ.
        shift: Why loops before and after differ, over all groups.
        groups: Speedup of each group.
        curve: Speedup against the share of work of the second group, from 0 to 1.
        uplift: Old mix, value, new mix.
        level, method, n, n_people, n_studies, n_clusters, evidence, cautions: As in `Estimate`.
    """

    by: str
    change: str
    gap: Decomposition | NotEstimable
    shift: Decomposition | NotEstimable
    groups: tuple[GroupSpeedup | NotEstimable, ...]
    curve: tuple[CurvePoint, ...] | NotEstimable
    uplift: Uplift | NotEstimable
    level: float
    method: str
    n: int
    n_clusters: int | None
    n_people: int
    n_studies: int
    evidence: str
    cautions: tuple[str, ...]
