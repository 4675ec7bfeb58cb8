"""Where an iteration's time goes: hours of each phase and of the machine, at the centre and over draws."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studies.toy_vs_real.estimates import CENTRE_DRAW, Distribution, Loops
from studies.toy_vs_real.scenario import PHASES, Draw
from tracker.speedup import phase_breakdown

MACHINE, REST = "jobs", "unattributed"
_RESOURCES = {"phase": "person", "job": "machine", "queue": "machine"}


@dataclass(frozen=True)
class TimePart:
    """One part of the loop.

    Attributes:
        name: a phase, `jobs` (all that a machine computes, queue included) or `unattributed`.
        resource: `person` or `machine`.
        hours: of an iteration.
        fraction: of the iteration's hours.
    """

    name: str
    resource: str
    hours: Distribution
    fraction: Distribution


def time_parts(loops: Loops, draws: Sequence[Draw]) -> tuple[TimePart, ...]:
    """In the order of the loop; where spans overlap, fractions add up to more than 1."""
    centre, over = _hours(loops, CENTRE_DRAW), [_hours(loops, draw) for draw in draws]
    names = [*PHASES, *sorted(set(centre) - {*PHASES, MACHINE, REST, ""}), MACHINE, REST]

    def part(name: str) -> TimePart:
        hours = Distribution(centre.get(name, 0.0), np.array([one.get(name, 0.0) for one in over]))
        fraction = Distribution(hours.centre / centre[""], np.array([one.get(name, 0.0) / one[""] for one in over]))
        return TimePart(name, "machine" if name == MACHINE else "person" if name != REST else "", hours, fraction)

    return tuple(part(name) for name in names if centre.get(name, 0.0) > 1e-9 * centre[""])


def _hours(loops: Loops, draw: Draw) -> Mapping[str, float]:
    """Hours of an iteration by part; under "" those of the whole."""
    told = phase_breakdown(loops.spans(draw), with_ceilings=False)["mixed"]
    hours: dict[str, float] = defaultdict(float)
    for row in told.rows:
        if row.target == "job" or row.target == "queue":
            hours[MACHINE] += row.seconds / told.n / 3600
        elif row.kind == "phase":
            hours[_phase(row.target.removeprefix("phase:"))] += row.seconds / told.n / 3600
    hours[REST] = told.unattributed_seconds / told.n / 3600
    hours[""] = told.elapsed_seconds / told.n / 3600
    return hours


def _phase(name: str) -> str:
    """`evaluate murky STUDY` is evaluate."""
    first = name.partition(" ")[0]
    return first if first in PHASES else name
