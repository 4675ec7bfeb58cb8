"""What `forecast record`, `list` and `score` do."""

import argparse
import math
from collections.abc import Iterable
from datetime import UTC
from statistics import NormalDist
from typing import Any

from tracker.commands.forecast_printing import format_prediction, print_board, print_ledger, print_shrunk
from tracker.commands.pilots import read_change
from tracker.commands.printing import exit_status, print_json
from tracker.commands.whose import open_part
from tracker.loops.queries import read_measured_iterations
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.loops.spans_table import read_spans_with_arms
from tracker.reporting.ledger import BROKEN, is_whole, outcome_of, score_ledger, state_of
from tracker.reporting.text import format_instant, format_level, format_reason
from tracker.shipping.forecast_ledger import LedgerEntry, add_outcome, read_ledger, record_forecast
from tracker.speedup import Measured, NotEstimable, measure
from tracker.speedup.forecasting.landing import predict_measured
from tracker.speedup.forecasting.predictions import Prediction, canonical_json, read_prediction, seal
from tracker.speedup.forecasting.scores import Outcome, score
from tracker.speedup.forecasting.shrinkage import MeasuredTool, Shrunk, shrink_shipped


def record(options: argparse.Namespace) -> int:
    """Seals a forecast, where there is one to seal."""
    prediction = _stated(options) if options.speedup is not None else _replayed(options)
    if isinstance(prediction, NotEstimable):
        print_json(prediction) if options.json else print(format_reason(prediction))
        return exit_status([prediction], is_json=options.json)
    text = canonical_json(prediction)
    numbers = {
        "speedup": prediction.speedup,
        "interval_low": prediction.interval[0],
        "interval_high": prediction.interval[1],
        "level": prediction.level,
    }
    entry = record_forecast(options.home, prediction.tool, text, seal(text), numbers)
    if options.json:
        print_json({"forecast": entry.forecast, "recorded_at": entry.recorded_at, "sha256": entry.seal, **_body(entry)})
        return 0
    print(
        f"{prediction.tool}: {format_prediction(prediction)}, {format_level(prediction.level)}, {prediction.evidence}"
    )
    print(f"recorded {format_instant(entry.recorded_at)} as {entry.forecast}, sha256 {entry.seal}")
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists the ledger."""
    rows = [(entry, state_of(entry)) for entry in read_ledger(options.home)]
    if options.json:
        print_json(
            [
                {
                    "forecast": entry.forecast,
                    "recorded_at": entry.recorded_at,
                    "sha256": entry.seal,
                    "state": state,
                    "outcome": entry.outcomes[-1] if entry.outcomes else None,
                    **_body(entry),
                }
                for entry, state in rows
            ]
        )
    else:
        print_ledger([(entry, state, state != BROKEN) for entry, state in rows])
    return 0


def score_all(options: argparse.Namespace) -> int:
    """Measures every tool of the ledger, adds the outcomes to it, and sums up."""
    cursor = open_latest(snapshots_folder(options.home)).connect()
    for entry in read_ledger(options.home):
        if is_whole(entry):
            _add_measured(entry, read_measured_iterations(cursor, entry.tool, options.study), options)
    entries = read_ledger(options.home)
    board = score_ledger(entries, options.level)
    shrunk = _shrunk(entries, options) if options.shipped else None
    if options.json:
        print_json({"forecasts": board, "shipped": shrunk})
    else:
        print_board(board)
        if shrunk is not None:
            print_shrunk(shrunk)
    return exit_status([board], is_json=options.json)


def _stated(options: argparse.Namespace) -> Prediction:
    low, comma, high = (options.interval or "").partition(",")
    if not comma:
        raise ValueError(f"interval == {options.interval!r}, must be LOW,HIGH with --speedup, such as 1.1,1.8")
    return Prediction(
        tool=options.tool,
        speedup=options.speedup,
        interval=(float(low), float(high)),
        level=options.level,
        estimand=options.estimand,
        amdahl=None,
        evidence="self-report",
        basis="stated by the user",
    )


def _replayed(options: argparse.Namespace) -> Prediction | NotEstimable:
    spans = options.spans or read_spans_with_arms(open_part(options))
    return predict_measured(
        spans,
        [read_change(text) for text in options.change],
        tool=options.tool,
        loops_per_arm=options.loops_per_arm,
        estimand=options.estimand,
        against_recorded=options.against_recorded,
        blocked=options.blocked,
        level=options.level,
    )


def _body(entry: LedgerEntry) -> dict[str, Any]:
    return {"prediction": read_prediction(entry.text) if is_whole(entry) else None}


def _add_measured(entry: LedgerEntry, table: Any, options: argparse.Namespace) -> None:
    """Adds the outcome, where both arms are measured."""
    prediction = read_prediction(entry.text)
    arms, started = table.column("arm").to_pylist(), table.column("started_at").to_pylist()
    changed = [at for at, arm in zip(started, arms, strict=True) if arm == "changed"]
    if not changed:
        return
    result = measure(table, arm="arm", baseline="baseline", seconds="elapsed_seconds", level=options.level)[
        prediction.estimand
    ]
    if not isinstance(result, Measured):
        return
    outcome = {
        "speedup": result.speedup,
        "interval": list(result.interval),
        "level": result.level,
        "n": result.n,
        "landed_at": min(changed).astimezone(UTC).isoformat(),
    }
    found = score(prediction, outcome_of(outcome))
    numbers = {"measured_speedup": result.speedup, "crps": found.crps, "is_covered": float(found.is_covered)}
    add_outcome(options.home, entry, outcome, numbers)


def _shrunk(entries: Iterable[LedgerEntry], options: argparse.Namespace) -> Shrunk | NotEstimable:
    latest = {entry.tool: outcome_of(entry.outcomes[-1]) for entry in entries if entry.outcomes}
    unknown = sorted(set(options.shipped) - set(latest))
    if unknown:
        raise ValueError(f"shipped names {', '.join(unknown)}, measured are: {', '.join(sorted(latest)) or 'none'}")
    tools = [MeasuredTool(tool, one.speedup, _log_error(one), tool in options.shipped) for tool, one in latest.items()]
    return shrink_shipped(tools, level=options.level)


def _log_error(outcome: Outcome) -> float:
    width = math.log(outcome.interval[1] / outcome.interval[0])
    return width / 2 / NormalDist().inv_cdf(0.5 + outcome.level / 2)
