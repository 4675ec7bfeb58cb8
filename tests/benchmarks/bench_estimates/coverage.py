"""How often 95 % intervals hold the truth: of what-if and measured speedup, beside the percentile bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bench_estimates.stored_rows import Cell
from bench_estimates.tables import Column, Table, Target
from bench_estimates.truth import covers, repeated, what_is_missing, within
from tracker.speedup import NotEstimable, by_study, replay_graph, scale
from tracker.speedup.measured.assignment import assignment_of
from tracker.speedup.measured.autocorrelation import time_order
from tracker.speedup.measured.cautions import cautions_about_arms, cautions_about_interval
from tracker.speedup.measured.effects import estimate_effect
from tracker.speedup.measured.refusals import refuse
from tracker.speedup.measured.rows import Rows, read_rows
from tracker.speedup.measured.settings import check_settings
from tracker.speedup.truth import NAMED_SETTINGS, population_speedup

ESTIMANDS = ("geometric_mean", "total")
FROM = {"geometric_mean": 10, "total": 20}
SIZES = (10, 20, 50, 200)
SIZES_OF_MANY = (24, 48, 96, 204)  # twelve people
TRUE = 1.3
DIVISORS = {"job": 2.0, "phase:think": 1.5}
CHANGES = [scale(target, k) for target, k in DIVISORS.items()]
DRAWS = 399
NOMINAL = (0.93, 0.97)
HOURS = "Mon-Fri 09:00-17:00 UTC"
# Sentences that warn a reader that the interval may cover less than it says.
WARNINGS = ("keeps its level", "too few", "resemble", "say little about others", "too narrow", "not independent")

PLAIN = (
    "independent", "autocorrelated_03", "autocorrelated_06", "heavy_tailed", "parts_autocorrelated_03",
    "parts_autocorrelated_06", "overlapped", "few_people", "mixed", "wide_autocorrelated_06",
)  # fmt: skip
WHAT_IF_CELLS = [
    *(Cell(name, "iterations", n) for name in PLAIN for n in SIZES),
    *(Cell("weekends_paced", "calendar", n) for n in SIZES),
    *(Cell("many_people", "cluster=person", n) for n in SIZES_OF_MANY),
]
MEASURED_CELLS = [
    *(Cell(name, "blocked", n) for name in (*PLAIN, "weekends", "learning") for n in SIZES),
    *(Cell("many_people", "blocked, cluster=person", n) for n in SIZES_OF_MANY[1:]),
    *(Cell(name, "before_after", n) for name in PLAIN[:3] for n in SIZES),
    *(Cell("unfinished_independent", "blocked", n) for n in SIZES),
]  # fmt: skip


def measure_what_if(cell: Cell, repetitions: int, rng: np.random.Generator) -> dict[str, Any]:
    """Asks about two joint changes in every study."""
    asked = {"calendar": HOURS} if cell.asked == "calendar" else {}
    if cell.asked.startswith("cluster="):
        asked["cluster"] = cell.asked.partition("=")[2]
    found: dict[str, list[Any]] = {estimand: [] for estimand in ESTIMANDS}
    naive: dict[str, list[bool]] = {estimand: [] for estimand in ESTIMANDS}
    for piece in repeated(cell.settings, cell.n, repetitions, rng, divisors=DIVISORS):
        graph = replay_graph(piece.table(None))
        for estimand in ESTIMANDS:
            found[estimand] += by_study(graph, CHANGES, estimand=estimand, draws=DRAWS, rng=rng, **asked).values()
            truth = true_what_if(cell.settings, estimand)
            naive[estimand] += _percentile(piece.baseline_seconds, piece.changed_seconds, estimand, truth, rng)
    return {
        estimand: _shares(results, true_what_if(cell.settings, estimand), naive[estimand])
        for estimand, results in found.items()
    }


def measure_measured(cell: Cell, repetitions: int, rng: np.random.Generator) -> dict[str, Any]:
    """Measures a tool of known effect in every study."""
    design, _, cluster = cell.asked.partition(", cluster=")
    fixed = ("person",) if cell.settings == "few_people" else ()
    asked = check_settings(
        arm="arm", baseline="baseline", seconds="elapsed_seconds", cluster=cluster or None, fixed=fixed
    )
    found: dict[str, list[Any]] = {estimand: [] for estimand in ESTIMANDS}
    naive: dict[str, list[bool]] = {estimand: [] for estimand in ESTIMANDS}
    for piece in repeated(cell.settings, cell.n, repetitions, rng, speedup=TRUE, design=design):
        together = read_rows(piece.arms(None), asked)  # one table for all studies: reading it costs most
        study = np.repeat(np.arange(piece.repetitions), cell.n)
        for repetition in range(piece.repetitions):
            rows = together.take(study == repetition)
            for estimand, results in found.items():
                results.append(_measured(estimand, rows, rng))
        for estimand in ESTIMANDS:
            truth = true_measured(cell.settings, estimand)
            naive[estimand] += _percentile_of_arms(piece.seen_seconds, piece.changed, estimand, truth, rng)
    return {
        estimand: _shares(results, true_measured(cell.settings, estimand), naive[estimand])
        for estimand, results in found.items()
    }


@dataclass(frozen=True)
class _Result:
    interval: tuple[float, float]
    cautions: tuple[str, ...]


def _measured(estimand: str, rows: Rows, rng: np.random.Generator) -> _Result | NotEstimable:
    """What `measure` says of one estimand, without what stands beside it."""
    effect = refuse(rows) or estimate_effect(estimand, rows, 0.95, rng)
    if isinstance(effect, NotEstimable):
        return effect
    assignment = assignment_of(rows, time_order(rows))
    cautions = cautions_about_arms(assignment, NotEstimable("not asked", "ask"), (), rows.n)
    return _Result(effect.interval(0.95), (*cautions, *cautions_about_interval(estimand, rows, effect.error)))


@cache
def true_what_if(settings: str, estimand: str) -> float:
    return population_speedup(settings, divisors=DIVISORS, estimand=estimand, rng=1)[0]


@cache
def true_measured(settings: str, estimand: str) -> float:
    """Parts divided by 1.3 make the loop 1.3 times faster, but where nights lie between."""
    if not NAMED_SETTINGS[settings].weekends:
        return TRUE
    return population_speedup(settings, speedup=TRUE, estimand=estimand, rng=1)[0]


def _shares(results: list[Any], truth: float, naive: list[bool]) -> dict[str, float]:
    estimated = [result for result in results if not isinstance(result, NotEstimable)]
    found = {
        "covers": [covers(result.interval, truth) for result in estimated],
        "below": [result.interval[1] < truth for result in estimated],
        "above": [result.interval[0] > truth for result in estimated],
        "warned": [warns(result.cautions) for result in estimated],
        "width": [np.log(result.interval[1] / result.interval[0]) for result in estimated],
    }
    shares = {name: float(np.mean(values)) if values else float("nan") for name, values in found.items()}
    return {**shares, "percentile": float(np.mean(naive)), "not_estimable": 1 - len(estimated) / len(results)}


def warns(cautions: tuple[str, ...]) -> bool:
    """True where a caution says that the interval may cover less than it says."""
    return any(warning in text for text in cautions for warning in WARNINGS)


def assembled(what: str, rows: list[dict[str, Any]], cells: list[Cell], notes: tuple[str, ...]) -> Table:
    """The table of these rows, and which targets they reach."""
    shown = [line for row in rows for line in _lines(row)]
    asked = [line for line in shown if line[-1] != "–"]
    met = sum(line[-1] == "yes" for line in asked)
    excused = sum(line[-1] in ("yes", "caution") for line in asked)
    return Table(
        title=f"Coverage of 95 % intervals: {what}",
        columns=(
            Column("settings"),
            Column("state spread", ".2f"),
            Column("autocorrelation", ".1f"),
            Column("asked" if what == "what-if" else "arms"),
            Column("loops", "d"),
            Column("estimand"),
            Column("covers", ".1%"),
            Column("percentile bootstrap", ".1%"),
            Column("with a caution", ".0%"),
            Column("not estimable", ".0%"),
            Column("studies", ",d"),
            Column("93-97 %"),
        ),
        rows=shown,
        targets=(
            Target(f"{what}: 93-97 % in every row", f"{met} of {len(asked)} rows", met == len(asked)),
            Target(
                f"{what}: 93-97 %, or most intervals carry a caution about it, or there is none",
                f"{excused} of {len(asked)} rows",
                excused == len(asked) and bool(asked),
            ),
        ),
        notes=(
            *notes,
            "A row is met (yes) within two Monte Carlo errors of the range. Geometric mean is promised from 10 loops, "
            "total from 20. `caution`: outside the range, and at least half of the intervals carry a caution that says "
            "so. Coverage is of the intervals that were given.",
            *what_is_missing(rows, len(cells)),
        ),
    )


def _lines(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    cell, settings = Cell(**row["cell"]), NAMED_SETTINGS[row["cell"]["settings"]]
    where = (cell.settings, settings.state_spread, settings.autocorrelation, cell.asked.replace("_", "/"), cell.n)
    return [
        (
            *where,
            estimand,
            found["covers"],
            found["percentile"],
            found["warned"],
            found["not_estimable"],
            row["repetitions"],
            _verdict(cell.n >= FROM[estimand], found, row["repetitions"]),
        )
        for estimand, found in row["figures"].items()
    ]


def _verdict(is_promised: bool, found: dict[str, float], repetitions: int) -> str:
    if not is_promised:
        return "–"
    if within(found["covers"], *NOMINAL, repetitions):
        return "yes"
    return "caution" if found["warned"] >= 0.5 or found["not_estimable"] >= 0.5 else "no"


def _percentile(
    before: np.ndarray, after: np.ndarray, estimand: str, truth: float, rng: np.random.Generator
) -> list[bool]:
    """The plain interval: quantiles of resampled pairs."""
    found = []
    for b, c in zip(before, after, strict=True):
        drawn = rng.integers(0, b.size, (DRAWS, b.size))
        if estimand == "total":
            values = b[drawn].sum(axis=1) / c[drawn].sum(axis=1)
        else:
            values = np.exp(np.log(b / c)[drawn].mean(axis=1))
        found.append(covers(tuple(np.quantile(values, [0.025, 0.975])), truth))
    return found


def _percentile_of_arms(
    seconds: np.ndarray, changed: np.ndarray, estimand: str, truth: float, rng: np.random.Generator
) -> list[bool]:
    found = []
    for one, arm in zip(seconds, changed, strict=True):
        values = one if estimand == "total" else np.log(one)
        means = [values[side][rng.integers(0, side.sum(), (DRAWS, side.sum()))].mean(axis=1) for side in (~arm, arm)]
        ratio = means[0] / means[1] if estimand == "total" else np.exp(means[0] - means[1])
        found.append(covers(tuple(np.quantile(ratio, [0.025, 0.975])), truth))
    return found
