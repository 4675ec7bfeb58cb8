"""What `measure` is asked for, checked once, with messages that say what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ARM_MEAN = "arm-mean"
# Where nobody planned a number: the width of the always-valid interval at other numbers differs little.
PLANNED_ITERATIONS = 40
SEED = 20_040_101  # with rng=None the same table gives the same numbers, so that a result can be recomputed
# Recorded while an iteration runs under its arm, or at its end: the tool may have moved them, so holding them constant
# takes part of its effect away (Rosenbaum 1984, Journal of the Royal Statistical Society A 147(5)). All that our marts
# and metrics hold of an iteration is of this kind, but for what says where it belongs and KNOWN_BEFORE.
# fmt: off
KNOWN_BEFORE = frozenset(("forecast_seconds",))
MEASURED_AFTER_TREATMENT = frozenset((
    "ended_at", "last_at", "status", "elapsed_seconds", "wall_clock_seconds", "active_seconds", "waiting_seconds",
    "overlapped_seconds", "unattributed_seconds", "waiting_queue_seconds", "waiting_run_seconds",
    "waiting_elsewhere_seconds", "off_hours_seconds", "job_seconds", "queue_seconds", "job_length_seconds",
    "stage_seconds", "other_seconds", "total_seconds", "jobs", "failed_jobs", "reruns", "is_rerun", "attempt",
    "attempts", "is_unfinished", "is_abandoned", "decided_at", "decision_points", "murky_decision_points",
    "reversed_decisions", "decision_count", "decisions", "choice", "reason", "clarity", "spans", "finished",
    "measured_time", "actual_time",
))
# fmt: on
PARTS_OF_AN_ITERATION = ("phase_seconds/", "stage_seconds/")  # as MLflow names them


@dataclass(frozen=True)
class Covariate:
    """A column held constant; `log` takes its logarithm first."""

    column: str
    log: bool

    def __str__(self) -> str:
        return f"log:{self.column}" if self.log else self.column


@dataclass(frozen=True)
class Settings:
    """How two arms are compared, checked. See `measure` for what each means."""

    arm: str
    baseline: object
    seconds: str | tuple[str, ...]
    covariates: tuple[Covariate, ...]
    fixed: tuple[str, ...]
    cluster: str | None
    impute: str | None
    level: float
    rng: np.random.Generator | int | None
    time: str | None
    status: str | None
    planned: int
    planned_fraction: float | None
    plan: str | None
    blocks: str | None

    def generator(self) -> np.random.Generator:
        """The source of randomness; one that was passed in goes on from where it stands."""
        return np.random.default_rng(SEED if self.rng is None else self.rng)


def check_settings(
    *,
    arm: str,
    baseline: object,
    seconds: str | Sequence[str],
    covariates: Sequence[str] | str = (),
    fixed: Sequence[str] | str = (),
    cluster: str | None = None,
    impute: str | None = None,
    level: float = 0.95,
    rng: np.random.Generator | int | None = None,
    time: str | None = None,
    status: str | None = None,
    planned: int | None = None,
    planned_fraction: float | None = None,
    plan: str | None = None,
    blocks: str | None = None,
) -> Settings:
    """Checks the settings of `measure`.

    Raises:
        ValueError: One is not allowed; the message says which, and what is.
    """
    if impute not in (None, ARM_MEAN):
        raise ValueError(f"impute == {impute!r}, must be None or {ARM_MEAN!r}")
    if isinstance(level, bool) or not 0 < level < 1:
        meant = f"; did you mean {level / 100:g}?" if 1 < level < 100 else ""
        raise ValueError(f"level == {level}, must be in (0, 1){meant}")
    outcome = seconds if isinstance(seconds, str) else tuple(seconds)
    if not outcome:
        raise ValueError("seconds names no column; name the one that holds the duration, or several joined by +")
    chosen = tuple(_covariate(text) for text in _listed(covariates))
    _refuse_later_covariates([each.column for each in chosen], arm, outcome)
    if planned is not None and planned < 2:
        raise ValueError(f"planned == {planned}, must be the number of iterations planned, from 2")
    if planned_fraction is not None and not 0 < planned_fraction < 1:
        raise ValueError(f"planned_fraction == {planned_fraction}, must be in (0, 1): the share of the changed arm")
    return Settings(
        arm=arm,
        baseline=baseline,
        seconds=outcome,
        covariates=chosen,
        fixed=_listed(fixed),
        cluster=cluster,
        impute=impute,
        level=float(level),
        rng=rng,
        time=time,
        status=status,
        planned=PLANNED_ITERATIONS if planned is None else planned,
        planned_fraction=planned_fraction,
        plan=plan,
        blocks=blocks,
    )


def _listed(names: Sequence[str] | str) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _covariate(text: str) -> Covariate:
    return Covariate(text.removeprefix("log:"), text.startswith("log:"))


def _refuse_later_covariates(columns: list[str], arm: str, seconds: str | tuple[str, ...]) -> None:
    outcome = {seconds, *seconds.split("+")} if isinstance(seconds, str) else set(seconds)
    for column in columns:
        plain = column.lower()
        later = plain in MEASURED_AFTER_TREATMENT or plain.endswith("_ended_at")
        if later or plain.startswith(PARTS_OF_AN_ITERATION) or column in outcome | {arm}:
            what = "the arm itself" if column == arm else "measured after treatment"
            raise ValueError(
                f"covariate {column!r} is {what}: the tool may have moved it, and holding it constant would take part "
                "of its effect away; use what was known before the iteration began, best a forecast of its duration "
                "(log:forecast_seconds)"
            )
