"""What to fix first: the targets of each regime ranked by the least that working on them would give."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.reporting import text
from tracker.speedup import Breakdown, WhatIf
from tracker.speedup.results import MIXED

MOST_OF_REGIME = 3


def fix_first_rows(breakdowns: Mapping[str, Breakdown], most: int = MOST_OF_REGIME) -> list[dict[str, Any]]:
    """Ranks what takes time in each regime by the lower end of its ceiling, so that the uncertain does not come first.

    Args:
        breakdowns: By regime, with ceilings.
        most: Targets of each regime.
    """
    found = []
    for regime, breakdown in breakdowns.items():
        if regime == MIXED:
            continue
        ceilings = {row.target: row.ceiling for row in breakdown.rows if isinstance(row.ceiling, WhatIf)}
        alone = [target for target in ceilings if not target.startswith("job:")] or list(ceilings)
        ranked = sorted(alone, key=lambda target: (-ceilings[target].interval[0], target))
        found += [{"regime": regime, "target": target, "ceiling": ceilings[target]} for target in ranked[:most]]
    return found


def fix_first_table(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Returns the ranking as text: how much of the loop's time is at stake, at most and at least."""
    return [
        {
            "on": text.format_regime(row["regime"]),
            "work on": text.format_target(row["target"]),
            "at stake": text.format_fraction(_saved(row["ceiling"].speedup)),
            "at least": text.format_fraction(_saved(row["ceiling"].interval[0])),
            "ceiling": text.format_estimate(row["ceiling"]),
            "n": text.format_count(row["ceiling"].n, "iteration"),
            "evidence": "what-if",
        }
        for row in rows
    ]


def _saved(speedup: float) -> float:
    """Share of the elapsed time that a speedup saves."""
    return 1 - 1 / speedup
