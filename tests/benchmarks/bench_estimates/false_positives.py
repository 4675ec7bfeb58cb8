"""How often somebody who looks after every loop is told of a speedup that is not there."""

from __future__ import annotations

import numpy as np

from bench_estimates.tables import Column, Run, Table, Target
from tracker.speedup.measured.always_valid import always_valid_half_width
from tracker.speedup.truth import generate_loops

SETTINGS = ("independent", "autocorrelated_03", "autocorrelated_06", "heavy_tailed", "many_people")
FIRST, LAST = 10, 1_009  # 1,000 looks
PLANNED = 200


def measure(run: Run) -> Table:
    """Looks 1,000 times at experiments on a tool that does nothing."""
    repetitions = 20 if run.quick else 2_000
    rng = run.generator("false_positives")
    rows = []
    for settings in SETTINGS:
        valid, fixed, once, width = _shares(settings, repetitions, rng)
        rows.append((settings, valid, fixed, once, width))
        run.say(f"  {settings}")
    worst, widest = max(row[1] for row in rows), max(row[4] for row in rows)
    slack = 2 * (0.05 * 0.95 / repetitions) ** 0.5
    return Table(
        title="False positives at any of 1,000 looks, true speedup 1",
        columns=(
            Column("settings"),
            Column("always-valid interval", ".1%"),
            Column("95 % interval looked at each time", ".1%"),
            Column("95 % interval, one look at the end", ".1%"),
            Column(f"width at {PLANNED} loops, of the fixed one's", ".2f"),
        ),
        rows=rows,
        targets=(
            Target("≤ 5 % false positives at any look, 1,000 looks", f"{worst:.1%} at worst", worst <= 0.05 + slack),
            Target("width at the planned n ≤ 1.6x the fixed interval's", f"{widest:.2f}x", widest <= 1.6),
        ),
        notes=(
            f"{repetitions:,} experiments in each row, looked at after every loop from the {FIRST}th to the {LAST}th; "
            "arms in random fours, geometric mean, Welch's standard error; the negative control of every other table.",
        ),
    )


def _shares(settings: str, repetitions: int, rng: np.random.Generator) -> tuple[float, float, float, float]:
    from scipy.special import stdtrit

    alarms = np.zeros((3, 0), bool)
    width = 0.0
    for _ in range(max(1, repetitions // 100)):
        loops = generate_loops(settings, n=1_020, repetitions=min(100, repetitions), design="blocked", rng=rng)
        order = np.argsort(loops.timetable.started, axis=1, kind="stable")
        log = np.take_along_axis(np.log(loops.seconds), order, 1)
        changed = np.take_along_axis(loops.changed, order, 1)
        effect, error, freedom = _welch(log, changed)
        n = np.arange(FIRST, LAST + 1)
        ours = always_valid_half_width(error, freedom, n, level=0.95, planned=PLANNED)
        plain = stdtrit(freedom, 0.975) * error
        found = np.stack([(np.abs(effect) > half).any(axis=1) for half in (ours, plain)])
        last = np.abs(effect[:, -1]) > plain[:, -1]
        alarms = np.concatenate([alarms, np.vstack([found, last])], axis=1)
        at = PLANNED - FIRST
        width = float(np.median(ours[:, at] / plain[:, at]))
    return (*(float(share) for share in alarms.mean(axis=1)), width)


def _welch(log: np.ndarray, changed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Difference of means, its error and degrees of freedom after each loop, by running sums."""
    parts, means = [], []
    for arm in (~changed, changed):
        count = np.cumsum(arm, axis=1)[:, FIRST - 1 : LAST].astype(float)
        total = np.cumsum(np.where(arm, log, 0), axis=1)[:, FIRST - 1 : LAST]
        squares = np.cumsum(np.where(arm, log**2, 0), axis=1)[:, FIRST - 1 : LAST]
        mean = total / count
        variance = (squares - count * mean**2) / np.maximum(count - 1, 1)
        means.append(mean)
        parts.append((variance / count, count - 1))
    error = np.sqrt(parts[0][0] + parts[1][0])
    freedom = error**4 / sum(part**2 / np.maximum(count, 1) for part, count in parts)
    return means[0] - means[1], error, freedom
