"""How often the prediction interval holds what is measured later, beside the what-if's own interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bench_estimates.coverage import CHANGES, DIVISORS, FROM
from bench_estimates.stored_rows import Cell
from bench_estimates.tables import Column, Table, Target
from bench_estimates.truth import covers, repeated, what_is_missing, within
from tracker.speedup import NotEstimable, WhatIf, by_study, from_pilot, replay_graph, scale
from tracker.speedup.forecasting.landing import predict_measured, what_few_loops_hide
from tracker.speedup.truth import NAMED_SETTINGS, KnownLoops

# Loops before, loops of each arm later.
SIZES = ((10, 10), (20, 10), (20, 20), (100, 40))
ESTIMANDS = ("geometric_mean", "total")
RANGE = (0.92, 0.97)
PILOT_RUNS = (5, 10)  # runs of the changed part in each arm of its pilot
PILOT_SPREAD = 0.3  # log standard deviation of their seconds
BY_TURNS, STRETCHES, RECORDED = "by turns", "in stretches", "recorded, then changed"
CELLS = [
    *(
        Cell(name, BY_TURNS, *sizes)
        for name in ("independent", "autocorrelated_06", "heavy_tailed", "overlapped", "autocorrelated_03", "mixed")
        for sizes in SIZES
    ),
    *(Cell("independent", f"{BY_TURNS}; k from {k} + {k} runs", *sizes) for k in PILOT_RUNS for sizes in SIZES),
    *(Cell(name, arms, *sizes) for name in ("independent", "autocorrelated_06") for arms in (RECORDED, STRETCHES)
      for sizes in SIZES),
]  # fmt: skip


def measure_cell(cell: Cell, repetitions: int, rng: np.random.Generator) -> dict[str, Any]:
    """Predicts from the loops of each study, then measures on new ones."""
    found: dict[str, list[tuple[bool, bool, float]]] = {estimand: [] for estimand in ESTIMANDS}
    missing = dict.fromkeys(ESTIMANDS, 0)
    for piece in repeated(cell.settings, cell.n, repetitions, rng, divisors=DIVISORS):
        later = _later(cell, piece.repetitions, rng)
        for estimand in ESTIMANDS:
            for repetition, interval in enumerate(_predicted(cell, piece, estimand, rng)):
                truth = _measured(piece if cell.asked == RECORDED else None, later, repetition, estimand)
                if interval is None:
                    missing[estimand] += 1
                    continue
                wide = float(np.log(interval[1] / interval[0]))
                found[estimand].append((covers(interval, truth), interval[0] > truth, wide))
    return {
        estimand: {
            "covers": float(np.mean([each[0] for each in values])),
            "above": float(np.mean([each[1] for each in values])),
            "width": float(np.exp(np.median([each[2] for each in values]))),
            "not_estimable": missing[estimand] / repetitions,
        }
        for estimand, values in found.items()
    }


def _predicted(
    cell: Cell, piece: KnownLoops, estimand: str, rng: np.random.Generator
) -> Iterator[tuple[float, float] | None]:
    """The prediction interval of each study; None where there is none."""
    blocked = cell.asked.startswith(BY_TURNS)
    if "runs" not in cell.asked and cell.asked != RECORDED:  # all studies in one graph: as below, and faster
        graph = replay_graph(piece.table(None))
        asked = {"prediction": cell.later, "blocked": blocked, "estimand": estimand, "draws": 399}
        for answer in by_study(graph, CHANGES, rng=rng, **asked).values():
            yield answer.prediction.interval if isinstance(answer, WhatIf) and answer.prediction else None
        return
    for repetition in range(piece.repetitions):
        forecast = predict_measured(
            piece.table(repetition), _changes(cell, rng), tool="tool", loops_per_arm=cell.later, estimand=estimand,
            against_recorded=cell.asked == RECORDED, blocked=blocked, rng=rng,
        )  # fmt: skip
        yield None if isinstance(forecast, NotEstimable) else forecast.interval


def _changes(cell: Cell, rng: np.random.Generator) -> list[Any]:
    """The changes as they are known: exactly, or the first one's k from a pilot of its part."""
    if "runs" not in cell.asked:
        return CHANGES
    runs = int(cell.asked.split()[-2])
    seconds = np.exp(PILOT_SPREAD * rng.standard_normal((2, runs)))
    pilot = from_pilot(DIVISORS["job"] * seconds[0], seconds[1])
    return [scale("job", pilot), *CHANGES[1:]]


def _later(cell: Cell, repetitions: int, rng: np.random.Generator) -> KnownLoops:
    """The loops that come after: in both arms, or changed ones alone."""
    n = cell.later * (1 if cell.asked == RECORDED else 2)
    design = "blocked" if cell.asked.startswith(BY_TURNS) else "before_after"
    return next(repeated(cell.settings, n, repetitions, rng, divisors=DIVISORS, design=design, at_once=10**6))


def _measured(before: KnownLoops | None, later: KnownLoops, repetition: int, estimand: str) -> float:
    """Ratio of the arms, as `measure` gives it without covariates."""
    seconds, changed = later.seconds[repetition], later.changed[repetition]
    if before is not None:
        arms = before.baseline_seconds[repetition], later.changed_seconds[repetition]
    else:
        arms = seconds[~changed], seconds[changed]
    if estimand == "total":
        return float(arms[0].mean() / arms[1].mean())
    return float(np.exp(np.log(arms[0]).mean() - np.log(arms[1]).mean()))


def assemble(rows: list[dict[str, Any]]) -> Table:
    """The table of these rows."""
    shown = [line for row in rows for line in _lines(row)]
    asked = [line for line in shown if line[-1] != "–"]
    met = sum(line[-1] == "yes" for line in asked)
    excused = sum(line[-1] in ("yes", "caution") for line in asked)
    covered = [line[7] for line in asked] or [0.0]
    return Table(
        title="Coverage of the prediction interval",
        columns=(
            Column("settings"),
            Column("state spread", ".2f"),
            Column("autocorrelation", ".1f"),
            Column("arms"),
            Column("loops before", "d"),
            Column("loops per arm after", "d"),
            Column("estimand"),
            Column("covers what is measured", ".1%"),
            Column("median width (ratio of the ends)", ".2f"),
            Column("studies", ",d"),
            Column("92-97 %"),
        ),
        rows=shown,
        targets=(
            Target(
                "92-97 % of the measured speedups lie in the prediction interval",
                f"{met} of {len(asked)} rows, {min(covered):.1%} to {max(covered):.1%}",
                met == len(asked) and bool(asked),
            ),
            Target(
                "prediction: 92-97 %, or the forecast carries a caution about it",
                f"{excused} of {len(asked)} rows",
                excused == len(asked) and bool(asked),
            ),
        ),
        notes=(
            "Two joint changes (jobs 2x, thinking 1.5x); 95 % intervals of `forecast record`. What is measured later "
            "is the ratio of the arms' totals or geometric means in loops made anew: arms by turns in random fours "
            "(`--blocked`), one arm after the other, or the recorded loops against new changed ones "
            "(`--against-recorded`). A pilot times the job "
            f"so often in each arm (log standard deviation {PILOT_SPREAD}); k is what its means say. Total is promised "
            "from 20 loops; with fewer the forecast says so. `caution`: outside the range, and the forecast says "
            "that so few loops hide whether neighbours are alike.",
            *what_is_missing(rows, len(CELLS)),
        ),
    )


def _verdict(cell: Cell, estimand: str, covered: float, repetitions: int) -> str:
    if cell.n < FROM[estimand]:
        return "–"
    if within(covered, *RANGE, repetitions):
        return "yes"
    is_warned = what_few_loops_hide(cell.n, estimand, blocked=cell.asked.startswith(BY_TURNS))
    return "caution" if is_warned else "no"


def _lines(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    cell, settings = Cell(**row["cell"]), NAMED_SETTINGS[row["cell"]["settings"]]
    return [
        (
            cell.settings,
            settings.state_spread,
            settings.autocorrelation,
            cell.asked,
            cell.n,
            cell.later,
            estimand,
            found["covers"],
            found["width"],
            row["repetitions"],
            _verdict(cell, estimand, found["covers"], row["repetitions"]),
        )
        for estimand, found in row["figures"].items()
    ]
