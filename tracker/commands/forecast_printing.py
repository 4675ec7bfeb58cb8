"""What the ledger of forecasts and its scores look like in a terminal."""

from tracker.commands.printing import print_table
from tracker.reporting.text import (
    format_fraction,
    format_instant,
    format_interval,
    format_level,
    format_number,
    format_reason,
    format_speedup,
)
from tracker.shipping.forecast_ledger import LedgerEntry
from tracker.speedup import NotEstimable
from tracker.speedup.forecasting.predictions import Prediction, read_prediction
from tracker.speedup.forecasting.scores import Scoreboard
from tracker.speedup.forecasting.shrinkage import Shrunk


def print_ledger(rows: list[tuple[LedgerEntry, str, bool]]) -> None:
    """Prints every forecast: entry, state, and whether it matches its seal."""
    if not rows:
        print("no forecast yet; record one with `python -m tracker forecast record --tool NAME …`")
        return
    header = ("forecast", "tool", "recorded", "predicted", "state", "measured")
    print_table(header, [_row(*row) for row in rows])


def format_prediction(prediction: Prediction) -> str:
    """Returns `1.40x (1.10-1.80)`."""
    return f"{format_speedup(prediction.speedup)} ({format_interval(prediction.interval)})"


def _row(entry: LedgerEntry, state: str, is_whole: bool) -> tuple[str, ...]:
    predicted = format_prediction(read_prediction(entry.text)) if is_whole else "does not match its seal"
    measured = format_speedup(float(str(entry.outcomes[-1]["speedup"]))) if entry.outcomes else "not yet"
    return (entry.forecast[:12], entry.tool, format_instant(entry.recorded_at), predicted, state, measured)


def print_board(board: Scoreboard | NotEstimable) -> None:
    """Prints coverage, skill and errors, and each forecast."""
    if isinstance(board, NotEstimable):
        print(format_reason(board))
        return
    held = f"{format_fraction(board.coverage.value)} ({_shares(board.coverage.interval)})"
    print(f"{board.n} forecasts scored; intervals held {held}, nominal {format_fraction(board.nominal)}")
    print(f"CRPS skill: {_skill(board.crps_skill_no_change)} on no change, {_skill(board.crps_skill_amdahl)} on Amdahl")
    errors = [("ours", board.gain_error), ("Amdahl", board.gain_error_amdahl), ("no change", 1.0)]
    print("error as a share of the gain: " + ", ".join(f"{name} {_share(error)}" for name, error in errors))
    header = ("tool", "predicted", "measured", "held", "error of the gain")
    rows = [
        (
            one.tool,
            f"{format_speedup(one.predicted)} ({format_interval(one.interval)})",
            format_speedup(one.measured),
            "yes" if one.is_covered else "no",
            _share(one.gain_error),
        )
        for one in board.scores
    ]
    print_table(header, rows)
    for caution in board.cautions:
        print(f"caution: {caution}")


def print_shrunk(found: Shrunk | NotEstimable) -> None:
    """Prints what the shipped tools are worth together."""
    if isinstance(found, NotEstimable):
        print(f"shipped together: {format_reason(found)}")
        return
    expected = f"{format_speedup(found.expected.value)} ({format_interval(found.expected.interval)})"
    print(f"shipped together: {expected}, {format_level(found.level)}; as measured {format_speedup(found.plain)}")
    for caution in found.cautions:
        print(f"caution: {caution}")


def _shares(interval: tuple[float, float]) -> str:
    return " to ".join(format_fraction(end) for end in interval)


def _skill(value: float | None) -> str:
    return "not known" if value is None else format_number(value)


def _share(value: float | None) -> str:
    return "not known" if value is None else format_fraction(value)
