"""Tooling changes, said as a verb on a target: `scale("phase:think", 2)`.

Targets: `phase` and `job` (all of them), `queue` (the time jobs wait to be started), `phase:NAME`, `job:NAME`,
`stage:NAME` (inside every job that has it; `stage:other` is what no stage covers). Verbs: `scale` divides durations by
k (above 1 is faster), `cache` drops the share that is found in a cache, `remove` takes all of it away.

Every verb comes down to a factor on durations. Factors on the same target multiply, and stages come before the job:
`(load x (1 - hit) + rest) / k`. Several changes are always replayed together; their savings are never added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

KINDS_OF_TARGET = ("phase", "job", "queue", "stage")
TARGETS = "phase, job, queue, phase:NAME, job:NAME or stage:NAME"


@dataclass(frozen=True)
class Target:
    """What a change acts on; an empty `name` means all of that kind."""

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True)
class Change:
    """A verb on a target, and the factor that its durations are multiplied by (below 1 is faster)."""

    verb: str
    target: Target
    factor: float
    number: float | None = None

    def __str__(self) -> str:
        return f"{self.verb}:{self.target}" + ("" if self.number is None else f":{self.number:g}")


def scale(target: str, k: float) -> Change:
    """Divides the durations of `target` by k.

    Args:
        target: One of the targets of this module.
        k: How many times faster, above 0; below 1 is slower, infinity removes it.

    Raises:
        TypeError: k is no number.
        ValueError: k is zero, negative or NaN, or `target` is malformed.
    """
    number = _number("k", k)
    if not number > 0:
        raise ValueError(
            f"k == {number:g}, must be above 0; 2 is twice as fast, 0.5 half as fast; to take {target} away use remove"
        )
    return Change("scale", parse_target(target), 1.0 / number, number)


def cache(target: str, hit_fraction: float) -> Change:
    """Drops the share of `target` that a cache would answer.

    Args:
        target: One of the targets of this module, usually `stage:NAME`.
        hit_fraction: Share of its seconds saved, 0 to 1.

    Raises:
        TypeError: `hit_fraction` is no number.
        ValueError: It is outside 0 to 1, or `target` is malformed.
    """
    number = _number("hit_fraction", hit_fraction)
    if not 0 <= number <= 1:
        meant = f"; did you mean {number / 100:g}?" if 1 < number <= 100 else ""
        raise ValueError(f"hit_fraction == {number:g}, must be from 0 to 1{meant}")
    return Change("cache", parse_target(target), 1.0 - number, number)


def remove(target: str) -> Change:
    """Takes `target` away altogether: the most that any tool could do to it."""
    return Change("remove", parse_target(target), 0.0)


def parse_change(text: str) -> Change:
    """Reads the command line's form, verb first and numbers last: `scale:phase:think:2`, `cache:stage:load:0.8`.

    Raises:
        ValueError: The text is no change; the message says what is allowed.
    """
    verb, _, rest = text.strip().partition(":")
    if verb == "remove" and rest:
        return remove(rest)
    makers = {"scale": scale, "cache": cache}
    target, _, number = rest.rpartition(":")
    if verb not in makers or not target:
        raise ValueError(
            f"change == {text!r}, must be scale:TARGET:K, cache:TARGET:HIT_FRACTION or remove:TARGET, where TARGET is "
            f"{TARGETS}; for example scale:phase:think:2"
        )
    try:
        value = float(number)
    except ValueError as error:
        raise ValueError(f"change == {text!r} ends in {number!r}, must end in a number such as 2") from error
    return makers[verb](target, value)


def parse_target(text: str) -> Target:
    """Reads a target such as `phase:think`.

    Raises:
        ValueError: The text names no target.
    """
    kind, colon, name = text.strip().partition(":") if isinstance(text, str) else ("", "", "")
    nameless = kind in ("phase", "job", "queue") and not colon
    named = kind in ("phase", "job", "stage") and name != ""
    if not (nameless or named):
        raise ValueError(f"target == {text!r}, must be {TARGETS}; for example phase:think")
    return Target(kind, name)


def as_changes(changes: Change | str | Iterable[Change | str]) -> tuple[Change, ...]:
    """Takes one change or several, each as a `Change` or in the command line's form.

    Raises:
        TypeError: Something else was given.
        ValueError: There is none, or a text is no change.
    """
    several = [changes] if isinstance(changes, (Change, str)) else list(changes)
    if not several:
        raise ValueError('changes is empty, must hold at least one change such as scale("phase:think", 2)')
    for change in several:
        if not isinstance(change, (Change, str)):
            raise TypeError(f'a change is a {type(change).__name__}, must be one such as scale("phase:think", 2)')
    return tuple(parse_change(change) if isinstance(change, str) else change for change in several)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} == {value!r}, must be a number")
    number = float(value)
    if math.isnan(number):
        raise ValueError(f"{name} == nan, must be a number above 0")
    return number
