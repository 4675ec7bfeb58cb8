"""`measure`: the speedup of one arm over the other, under three estimands, with all that stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tracker.speedup.measured.adoption import adoption_of
from tracker.speedup.measured.always_valid import always_valid_half_width
from tracker.speedup.measured.assignment import Assignment, assignment_of
from tracker.speedup.measured.autocorrelation import time_order
from tracker.speedup.measured.balance import cautions_about_covariates
from tracker.speedup.measured.bounds import unfinished_of
from tracker.speedup.measured.cautions import (
    cautions_about_arms,
    cautions_about_checks,
    cautions_about_interval,
    cautions_about_rows,
)
from tracker.speedup.measured.design import Design, design_of
from tracker.speedup.measured.effects import LONGEST, Effect, estimate_effect
from tracker.speedup.measured.guards import guards_of
from tracker.speedup.measured.permutation import permutation_test, rank_sum_p_value
from tracker.speedup.measured.placebo import placebo_of
from tracker.speedup.measured.pooling import pool_studies
from tracker.speedup.measured.refusals import refuse
from tracker.speedup.measured.results import ESTIMANDS, Checks, Measured, Measurement
from tracker.speedup.measured.rows import Rows, read_rows
from tracker.speedup.measured.sample_ratio import sample_ratio_of
from tracker.speedup.measured.settings import Settings, check_settings
from tracker.speedup.measured.spans_as_rows import is_spans_table, iterations_of
from tracker.speedup.measured.summaries import evidence_of, mix_of, number_of, typical_seconds
from tracker.speedup.results import NotEstimable
from tracker.speedup.sources import read_table


def measure(
    table: Any,
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
    checks: bool = True,
) -> Measurement:
    """Estimates the speedup of the changed arm over the baseline arm from iterations that were really done.

    A table's own columns `started_at`, `status`, `person`, `study`, `regime` and `evidence` are used where it has them.

    Args:
        table: Path of a .parquet or .csv file, Arrow table, data frame or mapping; one row per iteration. A spans table
            becomes one: its arms are the columns `tool.NAME`, its seconds `elapsed_seconds`.
        arm: Column of the two arms; rows where it is empty are left out.
        baseline: Its value that is the baseline, compared as text and then as a number.
        seconds: Column of the durations, or several added up: a list, or joined by `+`.
        covariates: Numeric columns held constant, known before the iteration began; `log:COL` takes the logarithm.
        fixed: Columns held constant by one level for each value.
        cluster: Column of people or studies (or other groups) that stand for many others; at least two.
        impute: `arm-mean` fills missing addends with that column's mean in the same arm; None leaves such rows out.
        level: Nominal coverage of the intervals, 0 to 1.
        rng: Source of randomness; None gives the same result for the same table.
        time: Column that orders the iterations in time, if it is not `started_at`.
        status: Column of `finished`, `failed`, `killed` or `open`, if it is not `status`.
        planned: Iterations planned, at which the always-valid interval is narrowest; the same at every look.
        planned_fraction: Share of the changed arm that was planned, 0 to 1.
        plan: Schedule of the recorded plan that assigned the arms: `randomised`, `blocked`, `abba` or `alternated`.
        blocks: Column of the blocks within which a plan drew the arms; the permutation shuffles within them.
        checks: False leaves out what takes longer: permutation, placebo, course over time, bounds, studies.

    Returns:
        A mapping from `geometric_mean`, `total` and `median` to a `Measured` or a `NotEstimable`.

    Raises:
        TypeError: `table` is not one.
        ValueError: A setting, a column or a value is not allowed; the message says what is.

    Example:
        >>> table = {"tool": ["old"] * 4 + ["new"] * 4, "s": [90, 110, 100, 100, 45, 55, 50, 50]}
        >>> round(measure(table, arm="tool", baseline="old", seconds="s")["total"].speedup, 2)
        2.0
    """
    settings = check_settings(
        arm=arm,
        baseline=baseline,
        seconds=seconds,
        covariates=covariates,
        fixed=fixed,
        cluster=cluster,
        impute=impute,
        level=level,
        rng=rng,
        time=time,
        status=status,
        planned=planned,
        planned_fraction=planned_fraction,
        plan=plan,
        blocks=blocks,
    )
    given = read_table(table, what="table", remedy="give one row per iteration")
    if is_spans_table(given):
        given = read_table(iterations_of(given), what="table", remedy="")
    rows = read_rows(given, settings)
    if isinstance(rows, NotEstimable):
        return _nothing(rows)
    refusal = refuse(rows)
    design = refusal or design_of(rows)
    if isinstance(design, NotEstimable):
        return _nothing(design, rows.cautions)
    return _compare(rows, design, settings, checks)


def _nothing(reason: NotEstimable, cautions: tuple[str, ...] = ()) -> Measurement:
    return Measurement(dict.fromkeys(ESTIMANDS, reason), cautions)


def _compare(rows: Rows, design: Design, settings: Settings, with_checks: bool) -> Measurement:
    rng = settings.generator()
    assignment = assignment_of(rows, time_order(rows), settings.plan)
    sample_ratio = sample_ratio_of(rows, assignment, settings.planned_fraction)
    guards = guards_of(rows, settings.level)
    checks = _checks(rows, design, assignment, settings.level, rng) if with_checks else None
    common = (
        *rows.cautions,
        *cautions_about_rows(rows),
        *cautions_about_covariates(rows, settings.covariates),
        *cautions_about_arms(assignment, sample_ratio, guards, rows.n),
        *(cautions_about_checks(checks) if checks else ()),
    )
    estimands = {estimand: _estimate(estimand, rows, design, settings, common, rng) for estimand in ESTIMANDS}
    found = [result.cautions for result in estimands.values() if isinstance(result, Measured)]
    cautions = tuple(dict.fromkeys((*common, *(text for texts in found for text in texts))))
    return Measurement(estimands, cautions, assignment, sample_ratio, guards, checks)


def _checks(rows: Rows, design: Design, assignment: Assignment, level: float, rng: np.random.Generator) -> Checks:
    return Checks(
        permutation=permutation_test(rows, design, rng),
        rank_sum_p_value=rank_sum_p_value(rows),
        placebo=placebo_of(rows, assignment, level, rng),
        over_time=adoption_of(rows, level, rng),
        unfinished=unfinished_of(rows, level, rng),
        by_study=pool_studies(rows, level, rng),
    )


def _estimate(
    estimand: str,
    rows: Rows,
    design: Design,
    settings: Settings,
    common: tuple[str, ...],
    rng: np.random.Generator,
) -> Measured | NotEstimable:
    effect = estimate_effect(estimand, rows, settings.level, rng, design)
    if isinstance(effect, NotEstimable):
        return effect
    changed = int(rows.is_changed.sum())
    return Measured(
        speedup=effect.speedup,
        interval=effect.interval(settings.level),
        level=settings.level,
        estimand=estimand,
        method=f"{effect.model}; {effect.error.words}",
        n=rows.n,
        n_clusters=effect.error.clusters,
        n_people=number_of(rows.person),
        n_studies=number_of(rows.study),
        evidence=evidence_of(rows),
        cautions=(*common, *cautions_about_interval(estimand, rows, effect.error)),
        orientation=rows.arms.words(),
        always_valid_interval=_always_valid(effect, rows, settings),
        cluster_bootstrap_interval=effect.cluster_bootstrap_interval,
        p_value=effect.p_value,
        n_baseline=rows.n - changed,
        n_changed=changed,
        baseline_seconds=typical_seconds(estimand, rows.seconds[~rows.is_changed]),
        changed_seconds=typical_seconds(estimand, rows.seconds[rows.is_changed]),
        mix=mix_of(rows),
    )


def _always_valid(effect: Effect, rows: Rows, settings: Settings) -> tuple[float, float]:
    error = effect.error
    half = float(
        always_valid_half_width(
            error.value * error.stretch, error.freedom, rows.n, level=settings.level, planned=settings.planned
        )
    )
    half = min(half, LONGEST)
    return float(np.exp(effect.log_speedup - half)), float(np.exp(effect.log_speedup + half))
