"""What `forecast felt` does: what people said a loop takes beside what the clock said."""

import argparse
from typing import Any

import numpy as np

from tracker.commands.printing import exit_status, print_json
from tracker.loops.queries import read_mart, read_measured_iterations
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.reporting.text import format_fraction, format_interval, format_level, format_reason, format_speedup
from tracker.speedup import NotEstimable
from tracker.speedup.forecasting.felt import Felt, felt_against_measured
from tracker.speedup.measured.arms import split_arms
from tracker.speedup.measured.cells import numbers_of, text_of
from tracker.speedup.results import Figure
from tracker.speedup.sources import read_table

FELT, MEASURED = "forecast_seconds", "elapsed_seconds"


def felt(options: argparse.Namespace) -> int:
    """Compares, and prints."""
    table, columns = _of_table(options) if options.table else _of_home(options)
    arms = _is_changed(table, columns[2], columns[3]) if columns[2] else None
    if isinstance(arms, NotEstimable):
        found: Felt | NotEstimable = arms
    else:
        kept = np.ones(table.num_rows, np.bool_) if arms is None else arms[0]
        said, clock = (numbers_of(table, name)[kept] for name in columns[:2])
        found = felt_against_measured(
            said, clock, is_changed=None if arms is None else arms[1][kept], level=options.level
        )
    if options.json:
        print_json(found)
    elif isinstance(found, NotEstimable):
        print(format_reason(found))
    else:
        _print(found)
    return exit_status([found], is_json=options.json)


def _of_table(options: argparse.Namespace) -> tuple[Any, tuple[str, str, str | None, str]]:
    if not (options.felt and options.measured) or bool(options.arm) != bool(options.baseline):
        raise ValueError("--table needs --felt COL and --measured COL, and --baseline VALUE where there is --arm COL")
    table = read_table(options.table, what="table", remedy="name a CSV or Parquet file")
    return table, (options.felt, options.measured, options.arm, options.baseline or "")


def _of_home(options: argparse.Namespace) -> tuple[Any, tuple[str, str, str | None, str]]:
    cursor = open_latest(snapshots_folder(options.home)).connect()
    if options.tool is None:
        table = _finished(read_mart(cursor, "forecasts"))
        return table, (FELT, MEASURED, None, "")
    table = _finished(read_measured_iterations(cursor, options.tool))
    return table, (FELT, MEASURED, "arm", "baseline")


def _finished(table: Any) -> Any:
    return table.filter([status == "finished" for status in table.column("status").to_pylist()])


def _is_changed(table: Any, arm: str, baseline: str) -> tuple[Any, Any] | NotEstimable:
    arms = split_arms(arm, text_of(table, arm), baseline)
    return arms if isinstance(arms, NotEstimable) else (arms.is_recorded, arms.is_changed)


def _print(found: Felt) -> None:
    print(f"felt against measured: {format_level(found.level)}, n = {found.n}, {found.evidence}")
    print(f"measured / felt seconds: {_figure(found.ratio)}; above 1, things take longer than they are felt to")
    print(f"took longer than was said: {format_fraction(found.underestimated_fraction)} of the loops")
    for name, figure in (("felt", found.felt_speedup), ("measured", found.measured_speedup)):
        print(f"{name} speedup: {_figure(figure)}")
    print(f"felt / measured speedup: {_figure(found.overstatement)}")


def _figure(figure: Figure | NotEstimable) -> str:
    if isinstance(figure, NotEstimable):
        return format_reason(figure)
    return f"{format_speedup(figure.value)} ({format_interval(figure.interval)})"
