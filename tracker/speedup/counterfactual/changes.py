"""Tooling changes, said as a verb on a target: `scale("phase:think", 2)`.

Six verbs: `scale` divides durations by k (above 1 is faster), `cache` drops the share found in a cache, `parallelise`
runs jobs side by side or divides a phase or stage, `prune` drops whole spans, `overlap` lets jobs and phases run beside
each other, `remove` takes all of the target away. Any number may be an `Uncertain` instead.

Several changes are always replayed together, and the order in which they are given does not matter. Durations are
worked out in one order, whatever was given first: stages, then the jobs they are in, phases and queues (factors on one
target multiply); then what is dropped; then what runs beside what; then the calendar.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tracker.speedup.counterfactual.targets import Target, parse_target
from tracker.speedup.counterfactual.uncertain import Uncertain

Number = float | Uncertain


@dataclass(frozen=True)
class Change:
    """A verb on a target, with its numbers.

    Attributes:
        verb: `scale`, `cache`, `parallelise`, `prune`, `overlap` or `remove`.
        target: What it acts on.
        number: k, hit fraction, width, drop fraction or the fraction that overlaps; None for `remove`.
        second: The fraction of the target that `scale` reaches, or the overhead of `parallelise`; else None.
    """

    verb: str
    target: Target
    number: Number | None = None
    second: Number | None = None

    def __str__(self) -> str:
        shown = () if self.number is None else (self.number,)
        if self.second is not None and (self.verb == "parallelise" or self.second != 1):
            shown = (*shown, self.second)
        numbers = ",".join(str(each) if isinstance(each, Uncertain) else f"{each:g}" for each in shown)
        return f"{self.verb}:{self.target}" + (f":{numbers}" if numbers else "")

    @property
    def unknowns(self) -> tuple[Uncertain, ...]:
        """Its numbers that have a distribution."""
        return tuple(number for number in (self.number, self.second) if isinstance(number, Uncertain))

    def at(self, value: Callable[[Uncertain], float]) -> Change:
        """The same change with every unknown replaced by a value."""
        number, second = (value(each) if isinstance(each, Uncertain) else each for each in (self.number, self.second))
        return replace(self, number=number, second=second)

    @property
    def is_factor(self) -> bool:
        """True where the change only multiplies durations."""
        return self.verb in ("scale", "cache", "remove") or self._divides

    @property
    def factor(self) -> float:
        """What durations of the target are multiplied by (below 1 is faster); 1 where the verb works otherwise."""
        number, second = (each.centre if isinstance(each, Uncertain) else each for each in (self.number, self.second))
        if self.verb == "remove":
            return 0.0
        if self.verb == "scale" and number is not None and second is not None:
            return 1.0 - second + second / number  # Amdahl (1967) inside the target
        if self.verb == "cache" and number is not None:
            return 1.0 - number
        if self._divides and number is not None and second is not None:
            return (1.0 + second) / number if number > 1 else 1.0
        return 1.0

    @property
    def _divides(self) -> bool:
        return self.verb == "parallelise" and self.target.kind in ("phase", "stage")


def scale(target: str, k: Number, *, fraction: Number = 1.0) -> Change:
    """Divides the durations of `target` by k.

    Args:
        target: One of the targets of `tracker.speedup.counterfactual.targets`.
        k: How many times faster, above 0; below 1 is slower, infinity removes it.
        fraction: The share of each of its durations that gets faster, 0 to 1; the rest stays (Amdahl's law inside it).

    Raises:
        TypeError: k is no number.
        ValueError: k is zero, negative or NaN, or `target` is malformed.
    """
    number = _number("k", k)
    if isinstance(number, float) and not number > 0:
        raise ValueError(
            f"k == {number:g}, must be above 0; 2 is twice as fast, 0.5 half as fast; to take {target} away use remove"
        )
    if isinstance(number, Uncertain) and number.shape in ("uniform", "triangular", "logit-t"):
        raise ValueError(f"k == {number}, is a share; give a range of k such as stated(1.5, 3)")
    return Change("scale", parse_target(target), number, _share("fraction", fraction))


def cache(target: str, hit_fraction: Number) -> Change:
    """Drops the share of `target` that a cache would answer.

    Args:
        target: Usually `stage:NAME`.
        hit_fraction: Share of its seconds saved, 0 to 1.

    Raises:
        TypeError: `hit_fraction` is no number.
        ValueError: It is outside 0 to 1, or `target` is malformed.
    """
    return Change("cache", parse_target(target), _share("hit_fraction", hit_fraction))


def parallelise(target: str, width: int, overhead: Number = 0.0) -> Change:
    """Runs `width` at a time what now runs one after the other.

    Jobs are not divided: those of one iteration that follow each other, with nothing between them but the phase that
    launches them, run side by side, `width` at most at once, each started as soon as it is launched and a place is
    free. A phase or a stage is divided evenly: its duration becomes (1 + overhead) / width of what it was.

    Args:
        target: Jobs, phases or stages.
        width: How many at once, a whole number from 1, which changes nothing.
        overhead: How much longer each takes beside others, as a share of its duration: 0.1 is 10 %.

    Raises:
        TypeError: A number is none.
        ValueError: `width` is below 1 or not whole, `overhead` is negative, or `target` is a queue.
    """
    chosen = parse_target(target)
    if chosen.kind == "queue":
        raise ValueError(
            f"target == {target!r}, parallelise must act on jobs, phases or stages; more machines shorten a queue: "
            "ask for that with machines= and answer='queue'"
        )
    number = _number("width", width)
    if isinstance(number, Uncertain) or not 1 <= number < math.inf or number != int(number):
        raise ValueError(f"width == {number}, must be a whole number from 1")
    extra = _number("overhead", overhead)
    if isinstance(extra, float) and not 0 <= extra < math.inf:
        raise ValueError(f"overhead == {extra:g}, must be from 0; 0.1 makes each 10 % longer")
    return Change("parallelise", chosen, number, extra)


def prune(target: str, drop_fraction: Number) -> Change:
    """Drops a share of the spans of `target` altogether, such as the losing half of a sweep.

    Which ones is not known, so each iteration's changed wall-clock is the mean over all ways to drop evenly spaced
    ones: of n spans, n x drop_fraction, rounded up or down, always in that proportion. A dropped job has no queue.

    Args:
        target: What is dropped; dropping a queue starts that job at once.
        drop_fraction: Share of the spans, 0 to 1.

    Raises:
        TypeError: `drop_fraction` is no number.
        ValueError: It is outside 0 to 1, or `target` is malformed.
    """
    return Change("prune", parse_target(target), _share("drop_fraction", drop_fraction))


def overlap(target: str, fraction: Number = 1.0) -> Change:
    """Lets `target` run beside what it now comes before or after.

    `overlap("phase:evaluate")`: the phase starts when the jobs it now waits for are submitted, and what follows it
    waits for both. `overlap("job:train")`: the same for every phase that waits for these jobs. A stage runs beside the
    rest of its job, which then is as long as the longer of the two; a queue beside the phase before it.

    Args:
        target: What overlaps.
        fraction: How much of it can, 0 to 1; of a phase beside a job, the first part of the phase.

    Raises:
        TypeError: `fraction` is no number.
        ValueError: It is outside 0 to 1, or `target` is malformed.
    """
    return Change("overlap", parse_target(target), _share("fraction", fraction))


def remove(target: str) -> Change:
    """Takes `target` away altogether: the most that any tool could do to it."""
    return Change("remove", parse_target(target))


def _share(name: str, value: Number) -> Number:
    number = _number(name, value)
    if isinstance(number, Uncertain):
        if not number.is_share:
            raise ValueError(f"{name} == {number}, must lie between 0 and 1; give stated(0.6, 0.9, share=True)")
        return number
    if not 0 <= number <= 1:
        meant = f"; did you mean {number / 100:g}?" if 1 < number <= 100 else ""
        raise ValueError(f"{name} == {number:g}, must be from 0 to 1{meant}")
    return number


def _number(name: str, value: object) -> Number:
    if isinstance(value, Uncertain):
        return value
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} == {value!r}, must be a number")
    number = float(value)
    if math.isnan(number):
        raise ValueError(f"{name} == nan, must be a number above 0")
    return number


def as_changes(changes: Change | str | Iterable[Change | str]) -> tuple[Change, ...]:
    """Takes one change or several, each as a `Change` or in the command line's form.

    Raises:
        TypeError: Something else was given.
        ValueError: There is none, or a text is no change.
    """
    from tracker.speedup.counterfactual.parsing import parse_change

    several = [changes] if isinstance(changes, (Change, str)) else list(changes)
    if not several:
        raise ValueError('changes is empty, must hold at least one change such as scale("phase:think", 2)')
    for change in several:
        if not isinstance(change, (Change, str)):
            raise TypeError(f'a change is a {type(change).__name__}, must be one such as scale("phase:think", 2)')
    return tuple(parse_change(change) if isinstance(change, str) else change for change in several)
