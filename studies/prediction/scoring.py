"""Scores: how far each forecast was off, and all of them together beside the controls, "no change" and Amdahl."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

import pyarrow as pa

from studies.prediction.ledger import of_study
from studies.prediction.pairs import Pair
from studies.prediction.record import PairRecord
from tracker.speedup import Measured, measure
from tracker.speedup.forecasting.predictions import Prediction
from tracker.speedup.forecasting.scores import Outcome, Scoreboard, score, summarise

LEVEL = 0.95
# Where mean errors stand elsewhere: Lumos (Liang et al. 2025) 3.3 %, Monotasks (Ousterhout et al. 2017) 28 % at most.
MEAN_ERROR, LARGEST_ERROR, CONTROL_FACTOR, COVERAGE = 0.033, 0.28, 1.1, 0.9


@dataclass(frozen=True)
class Summary:
    """All pairs that were measured.

    Attributes:
        n, n_controls: pairs with a change, and without.
        mean_error, largest_error: |predicted / measured - 1| of the pairs with a change.
        control_error: the mean of the same over the controls: the noise floor.
        allowed_error: what `mean_error` may be: 3.3 %, or 1.1 times the noise floor where that is more.
        inside, control_inside: how many measured speedups lie in their prediction intervals.
        median_width, largest_width: upper end of the prediction interval over its lower one; pairs with a change.
        gain_error, gain_error_amdahl: sum of the errors / sum of the gains, as shares of the seconds; "no change" is 1.
        crps_skill_no_change, crps_skill_amdahl: 1 is perfect, 0 no better than that reference.
    """

    n: int
    n_controls: int
    mean_error: float
    largest_error: float
    control_error: float
    allowed_error: float
    inside: int
    control_inside: int
    median_width: float
    largest_width: float
    gain_error: float | None
    gain_error_amdahl: float | None
    crps_skill_no_change: float | None
    crps_skill_amdahl: float | None


def score_pair(pair: Pair, record: PairRecord, spans: pa.Table) -> bool:
    """Measure the pair's loops and score its forecast, in the record; False where they cannot be measured.

    Args:
        spans: all of the home's.
    """
    tool = f"tool.{pair.name}"
    found = measure(
        of_study(spans, pair.name),
        arm=tool,
        baseline="baseline",
        seconds="elapsed_seconds",
        plan="blocked",
        level=LEVEL,
    )
    record.measured = {
        estimand: asdict(one) if isinstance(one, Measured) else {"reason": str(one)} for estimand, one in found.items()
    }
    prediction = _prediction(record)
    measured = found[prediction.estimand]
    if not isinstance(measured, Measured):
        return False
    one = score(prediction, _outcome(record, prediction.estimand))
    record.score = {
        "error": abs(prediction.speedup / measured.speedup - 1),
        "width": prediction.interval[1] / prediction.interval[0],
        **asdict(one),
    }
    record.state = "scored"
    return True


def summarise_all(records: Sequence[PairRecord], controls: frozenset[str]) -> Summary | None:
    """None before a pair with a change and a control have been scored."""
    scored = [record for record in records if record.state == "scored"]
    plain = [record for record in scored if record.change not in controls]
    control = [record for record in scored if record.change in controls]
    if not plain or not control:
        return None
    errors, floor = [one.score["error"] for one in plain], fmean(one.score["error"] for one in control)
    widths = [one.score["width"] for one in plain]
    board = summarise([score(_prediction(one), _outcome(one, _prediction(one).estimand)) for one in plain])
    assert isinstance(board, Scoreboard), "there are scores"
    return Summary(
        n=len(plain),
        n_controls=len(control),
        mean_error=fmean(errors),
        largest_error=max(errors),
        control_error=floor,
        allowed_error=max(MEAN_ERROR, CONTROL_FACTOR * floor),
        inside=sum(one.score["is_covered"] for one in plain),
        control_inside=sum(one.score["is_covered"] for one in control),
        median_width=median(widths),
        largest_width=max(widths),
        gain_error=board.gain_error,
        gain_error_amdahl=board.gain_error_amdahl,
        crps_skill_no_change=board.crps_skill_no_change,
        crps_skill_amdahl=board.crps_skill_amdahl,
    )


def _prediction(record: PairRecord) -> Prediction:
    body: dict[str, Any] = dict(record.forecast["prediction"])
    return Prediction(**{**body, "interval": tuple(body["interval"])})


def _outcome(record: PairRecord, estimand: str) -> Outcome:
    found = record.measured[estimand]
    return Outcome(found["speedup"], tuple(found["interval"]), found["level"], found["n"])
