"""The settings of the generator that the other tables name: how far loops spread and how they follow each other."""

from __future__ import annotations

import numpy as np

from bench_estimates.tables import Column, Run, Table
from tracker.speedup.truth import NAMED_SETTINGS, generate_loops

LOOPS = 240  # of each study, a multiple of every number of people


def measure(run: Run) -> Table:
    """State and parts as they were set, and what comes of them in the seconds of loops."""
    repetitions = 10 if run.quick else 200
    rng = run.generator("settings")
    rows = []
    for name, settings in NAMED_SETTINGS.items():
        loops = generate_loops(name, n=LOOPS, repetitions=repetitions, rng=rng)
        log = np.log(loops.baseline_seconds)
        rows.append(
            (
                name,
                settings.state_spread,
                settings.autocorrelation,
                settings.part_spread,
                settings.people,
                float(log.std(axis=1).mean()),
                neighbour_correlation(log, loops.person),
            )
        )
    return Table(
        title="Settings of the generator",
        columns=(
            Column("settings"),
            Column("state spread", ".2f"),
            Column("autocorrelation of the state", ".1f"),
            Column("spread of each part", ".2f"),
            Column("people", "d"),
            Column("log standard deviation of a loop's seconds", ".2f"),
            Column("correlation of a loop with the same person's next", ".2f"),
        ),
        rows=rows,
        notes=(
            "The first columns are the arguments (method.md, section 11); the last two are what comes of them, over "
            f"{repetitions} studies of {LOOPS} loops, from the mean of all loops (so people who differ resemble "
            "themselves).",
        ),
    )


def neighbour_correlation(log: np.ndarray, person: np.ndarray) -> float:
    """Correlation of the log seconds of neighbouring loops of a person, about the mean of each study."""
    centred = log - log.mean(axis=1, keepdims=True)
    same = person[1:] == person[:-1]
    products = (centred[:, 1:] * centred[:, :-1])[:, same]
    return float(products.mean() / (centred**2).mean())
