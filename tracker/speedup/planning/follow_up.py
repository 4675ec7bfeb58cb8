"""Whether an experiment is going as planned: slots taken, iterations that ended, arms that were not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# The usual limit for a sample-ratio check (Fabijan et al. 2019, KDD, section 4): it is looked at often.
ALARM = 0.001


@dataclass(frozen=True)
class ArmCount:
    """One arm of a plan: slots given out, iterations that began, ended, and ended as finished."""

    arm: str
    assigned: int
    begun: int
    finished: int


@dataclass(frozen=True)
class FollowUp:
    """A plan beside what was done.

    Attributes:
        planned, remaining: Slots of the plan, and those not given out yet.
        arms: Counts of either arm.
        ratio_p: Fisher's exact p of "assigned slots end as finished iterations equally often in both arms". Small: what
            can be compared is no longer what was assigned at random.
        is_off: True where that cannot be chance.
        crossed_over: Iterations recorded in another arm than they were assigned.
        double: Iterations or slots that occur twice, which a file system without locks can bring about.
        is_complete: True where every slot was given out.
    """

    planned: int
    remaining: int
    arms: tuple[ArmCount, ArmCount]
    ratio_p: float
    is_off: bool
    crossed_over: int
    double: int
    is_complete: bool


def follow_up(arms: str, slots: Sequence[tuple[int, str | None]], recorded: Mapping[str, tuple[str, str]]) -> FollowUp:
    """Compares a plan with the record.

    Args:
        arms: The schedule, B and C.
        slots: Number and iteration of each slot given out; None where no iteration began.
        recorded: From iteration to its recorded arm (`baseline`, `changed` or empty) and its status.
    """
    counts = {letter: [0, 0, 0] for letter in "BC"}
    names = {"B": "baseline", "C": "changed"}
    crossed = 0
    for number, iteration in slots:
        letter = arms[number]
        arm, status = recorded.get(iteration or "", ("", ""))
        counts[letter][0] += 1
        counts[letter][1] += iteration is not None
        counts[letter][2] += status == "finished"
        crossed += arm not in ("", names[letter])
    seen = [iteration for _, iteration in slots if iteration is not None]
    double = len(seen) - len(set(seen)) + len(slots) - len({number for number, _ in slots})
    p = fisher_exact(counts["B"][2], counts["B"][0] - counts["B"][2], counts["C"][2], counts["C"][0] - counts["C"][2])
    taken = len({number for number, _ in slots})
    return FollowUp(
        planned=len(arms),
        remaining=len(arms) - taken,
        arms=(ArmCount("baseline", *counts["B"]), ArmCount("changed", *counts["C"])),
        ratio_p=p,
        is_off=p < ALARM,
        crossed_over=crossed,
        double=double,
        is_complete=taken >= len(arms),
    )


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """Two-sided p of the table [[a, b], [c, d]]: tables no likelier than this one, margins fixed (Fisher 1935)."""
    from scipy.special import gammaln

    row, other, column = a + b, c + d, a + c
    if row == 0 or other == 0 or column == 0 or b + d == 0:
        return 1.0
    x = np.arange(max(0, column - other), min(row, column) + 1)

    def log_choose(n: int, k: np.ndarray | int) -> np.ndarray:
        return np.asarray(gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1))

    log_p = log_choose(row, x) + log_choose(other, column - x) - log_choose(row + other, column)
    chance = np.exp(log_p)
    return float(min(1.0, chance[log_p <= log_p[a - x[0]] + 1e-7].sum()))
