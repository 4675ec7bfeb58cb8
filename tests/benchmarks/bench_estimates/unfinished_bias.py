"""What unfinished loops do to the measured speedup: kept as censored, and dropped."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bench_estimates.tables import Column, Run, Table, Target
from bench_estimates.truth import covers, repeated
from tracker.speedup import NotEstimable
from tracker.speedup.measured.effects import estimate_effect
from tracker.speedup.measured.rows import read_rows
from tracker.speedup.measured.settings import check_settings
from tracker.speedup.truth import KnownLoops

N = 200
CASES = (
    ("unfinished_independent", "both", 1.0),
    ("unfinished_independent", "changed", 1.0),
    ("unfinished_independent", "changed", 1.5),
    ("unfinished_informative", "changed", 1.0),
)


def measure(run: Run) -> Table:
    """Bias of the geometric mean with 30 % unfinished."""
    repetitions = 5 if run.quick else 400
    rng = run.generator("unfinished_bias")
    rows = [
        (settings, arms, true, *_bias(settings, arms, true, repetitions, rng, run)) for settings, arms, true in CASES
    ]
    independent = [row for row in rows if row[0] == "unfinished_independent"]
    worst = max(abs(row[3]) for row in independent)
    return Table(
        title="Bias with 30 % of the loops unfinished, geometric mean",
        columns=(
            Column("settings"),
            Column("unfinished in"),
            Column("true speedup", ".2f"),
            Column("bias, kept as censored", "+.1%"),
            Column("bias, dropped", "+.1%"),
            Column("95 % interval covers", ".1%"),
        ),
        rows=rows,
        targets=(Target("bias ≤ 2 % under independent censoring", f"{worst:.1%} at worst", worst <= 0.02),),
        notes=(
            f"{repetitions} studies of {N} loops in each row; bias is that of the mean log speedup. Informative: the "
            "longer a loop, the likelier it is killed; no method knows that from the data, and the bounds that the "
            "measurement prints beside it are the answer then.",
        ),
    )


def _bias(
    settings: str, arms: str, true: float, repetitions: int, rng: np.random.Generator, run: Run
) -> tuple[float, float, float]:
    asked = check_settings(arm="arm", baseline="baseline", seconds="elapsed_seconds")
    kept, dropped, hits = [], [], []
    for piece in repeated(settings, N, repetitions, rng, speedup=true, design="blocked"):
        for repetition in range(piece.repetitions):
            table = _table(piece, repetition, arms)
            effect = estimate_effect("geometric_mean", read_rows(table, asked), 0.95, rng)
            if isinstance(effect, NotEstimable):
                raise ValueError(f"{settings}: {effect}")
            kept.append(effect.log_speedup - np.log(true))
            hits.append(covers(effect.interval(0.95), true))
            ended = table.filter([status == "finished" for status in table.column("status").to_pylist()])
            plain = estimate_effect("geometric_mean", read_rows(ended, asked), 0.95, rng)
            dropped.append(plain.log_speedup - np.log(true))
    run.say(f"  {settings}, unfinished in {arms}, true {true}")
    return float(np.expm1(np.mean(kept))), float(np.expm1(np.mean(dropped))), float(np.mean(hits))


def _table(piece: KnownLoops, repetition: int, arms: str) -> pa.Table:
    table = piece.arms(repetition)
    if arms == "both":
        return table
    whole = ~piece.changed[repetition]  # at baseline everything was waited for
    seconds = np.where(whole, piece.seconds[repetition], piece.seen_seconds[repetition])
    status = np.where(whole, "finished", np.array(table.column("status").to_pylist()))
    for name, values in (("elapsed_seconds", seconds), ("status", status)):
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    return table
