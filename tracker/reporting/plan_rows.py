"""From plans, forecasts and felt durations to the rows of their charts and tables."""

import shlex
from collections.abc import Sequence
from typing import Any

from tracker.reporting import text
from tracker.reporting.ledger import BROKEN, LATE, OPEN, SCORED, LedgerRow
from tracker.speedup import ExperimentPlan, NotEstimable
from tracker.speedup.forecasting.felt import Felt
from tracker.speedup.forecasting.predictions import Prediction
from tracker.speedup.forecasting.scores import Scoreboard
from tracker.speedup.results import Figure

Cells = dict[str, str]
ARMS = {"B": "baseline", "C": "changed"}
STATES = {
    OPEN: "open: its tool has not been measured in both arms since",
    LATE: "late: the tool had landed before it was said",
    BROKEN: "broken: it does not match its seal",
    SCORED: "scored",
}


def detectable_rows(found: ExperimentPlan) -> list[dict[str, Any]]:
    """Returns the rows of `plan_charts.detectable_curve`."""
    return [
        {"iterations": point.iterations, "speedup": speedup, "what": what}
        for point in found.curve
        for what, speedup in (
            ("nothing held constant", point.speedup),
            ("a forecast before each held constant", point.speedup_with_forecasts),
        )
        if speedup is not None and speedup != float("inf")
    ]


def detectable_table(found: ExperimentPlan) -> list[Cells]:
    """Returns what other numbers of iterations would tell."""
    return [
        {
            "iterations, both arms": text.format_count(point.iterations),
            "smallest speedup told from none": text.format_speedup(point.speedup),
            "with a forecast before each": (
                "too few forecasts recorded"
                if point.speedup_with_forecasts is None
                else text.format_speedup(point.speedup_with_forecasts)
            ),
        }
        for point in found.curve
    ]


def schedule_rows(found: ExperimentPlan) -> list[dict[str, Any]]:
    """Returns the rows of `plan_charts.schedule_strip`: one for each iteration to come."""
    return [{"number": number, "arm": ARMS[arm]} for number, arm in enumerate(found.arms, start=1)]


def schedule_table(found: ExperimentPlan) -> list[Cells]:
    """Returns the order of arms, a row for every eight iterations."""
    return [
        {
            "iterations": f"{first + 1}-{min(first + 8, len(found.arms))}",
            "arms, in this order": ", ".join(ARMS[arm] for arm in found.arms[first : first + 8]),
        }
        for first in range(0, len(found.arms), 8)
    ]


def plan_facts(found: ExperimentPlan) -> list[Cells]:
    """Returns what a plan rests on and how it ends."""
    history = found.history
    low, high = (text.format_number(end) for end in history.spread_interval)
    return [
        {"what": "rests on", "value": text.format_count(history.n, "finished iteration")},
        {
            "what": "their spread (log scale)",
            "value": f"{text.format_number(history.spread)}, 95 % interval {low} to {high}",
        },
        {"what": "likeness of neighbours", "value": text.format_number(history.autocorrelation)},
        {"what": "stop", "value": found.stop},
        {"what": "analysis", "value": found.analysis},
        {"what": "sealed as (SHA-256)", "value": found.sha256},
    ]


def plan_sentence(found: ExperimentPlan) -> str:
    """Says what an experiment can tell, and with how many iterations."""
    power = text.format_fraction(found.power)
    return (
        f"{text.format_count(found.iterations, 'iteration')}, half with the tool and half without, tell "
        f"{text.format_speedup(found.detectable)} from no change with a probability of {power}."
    )


def plan_command(found: ExperimentPlan, speedup: float) -> str:
    """Returns the command that puts a plan of these settings into force."""
    asked = ["--speedup", f"{speedup:g}", "--design", found.design, "--looks", found.looks]
    asked += ["--estimand", found.estimand]
    return shlex.join(["python", "-m", "tracker", "plan", "--tool", found.tool, *asked, "--record"])


def forecast_command(tool: str, changes: Sequence[str], loops_per_arm: int) -> str:
    """Returns the command that seals what changes would do."""
    said = [part for change in changes for part in ("--change", change)]
    arms = ["--loops-per-arm", f"{loops_per_arm}"]
    return shlex.join(["python", "-m", "tracker", "forecast", "record", "--tool", tool, *said, *arms])


def prediction_words(found: Prediction) -> str:
    """Returns `1.82x (1.41-2.33)`."""
    return _range(found.speedup, found.interval)


def prediction_sentence(found: Prediction) -> str:
    """Says what the interval of a forecast is for, and what shares of time alone would have said."""
    amdahl = "" if found.amdahl is None else f" Amdahl's law alone says {text.format_speedup(found.amdahl)}."
    return (
        f"The speedup that will be measured lies in this interval with a probability of "
        f"{text.format_fraction(found.level)}: it is wider than the what-if's own, because other loops will be "
        f"measured. It rests on {found.basis}; {text.ESTIMANDS[found.estimand]}.{amdahl}"
    )


def ledger_table(rows: Sequence[LedgerRow]) -> list[Cells]:
    """Returns every forecast, those never scored too."""
    return [
        {
            "tool": text.format_name(row.tool),
            "forecast": _forecast(row),
            "measured": text.NOT_RECORDED if row.measured is None else _range(row.measured, row.measured_interval),
            "state": STATES[row.state],
            "said": text.format_instant(row.recorded_at),
            "evidence": row.evidence,
        }
        for row in rows
    ]


def calibration_rows(board: Scoreboard) -> list[dict[str, Any]]:
    """Returns the rows of `plan_charts.calibration`."""
    return [
        {
            "tool": one.tool,
            "predicted": one.predicted,
            "low": one.interval[0],
            "high": one.interval[1],
            "measured": one.measured,
            "is_covered": one.is_covered,
        }
        for one in board.scores
    ]


def board_sentence(board: Scoreboard) -> str:
    """Says how often the forecasts' intervals held what was measured."""
    low, high = (text.format_fraction(end) for end in board.coverage.interval)
    return (
        f"Of {text.format_count(board.n, 'forecast')} scored, {text.format_fraction(board.coverage.value)} "
        f"({low} to {high}) held what was measured; {text.format_fraction(board.nominal)} were promised."
    )


def board_table(board: Scoreboard) -> list[Cells]:
    """Returns the forecasts against the two references."""
    rows = (
        ("error as a share of the gain", board.gain_error, board.gain_error_amdahl, "0 is perfect, no change is 100 %"),
        ("CRPS skill against no change", board.crps_skill_no_change, None, "1 is perfect, 0 no better"),
        ("CRPS skill against Amdahl", board.crps_skill_amdahl, None, "1 is perfect, 0 no better"),
    )
    return [
        {"what": what, "forecasts": _share(ours), "Amdahl's law": _share(amdahl), "read": words}
        for what, ours, amdahl, words in rows
    ]


def felt_table(found: Felt) -> list[Cells]:
    """Returns what was felt beside what was measured."""
    rows: list[tuple[str, Figure | NotEstimable, str]] = [
        ("measured / felt seconds", found.ratio, "above 1: loops take longer than they are felt to"),
        ("felt speedup", found.felt_speedup, "self-report"),
        ("measured speedup", found.measured_speedup, "measured"),
        ("felt / measured speedup", found.overstatement, "above 1: more is felt than is there"),
    ]
    return [{"what": what, "value": _figure(figure), "read": words} for what, figure, words in rows]


def felt_sentence(found: Felt) -> str:
    """Says which way people err about their own loops, and by how much."""
    return (
        f"Loops take {text.format_number(found.ratio.value)} times as long as was said before "
        f"({text.format_interval(found.ratio.interval)}, n = {text.format_count(found.n)}); "
        f"{text.format_fraction(found.underestimated_fraction)} took longer."
    )


def _figure(figure: Figure | NotEstimable) -> str:
    if isinstance(figure, NotEstimable):
        return text.format_reason(figure)
    return f"{text.format_number(figure.value)} ({text.format_interval(figure.interval)})"


def _forecast(row: LedgerRow) -> str:
    if row.predicted is None:
        return "cannot be read"
    level = "" if row.level is None else f", {text.format_level(row.level)}"
    return f"{_range(row.predicted, row.interval)}{level}"


def _range(value: float, interval: tuple[float, float] | None) -> str:
    between = "" if interval is None else f" ({text.format_interval(interval)})"
    return f"{text.format_speedup(value)}{between}"


def _share(value: float | None) -> str:
    return text.NOT_RECORDED if value is None else text.format_fraction(value)
