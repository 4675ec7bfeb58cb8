"""Did as many iterations end up in each arm as were meant to? If not, something chose them."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.speedup.measured.assignment import Assignment
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

# The usual limit for this check (Fabijan et al. 2019, KDD, section 4): it is looked at often, and an alarm is costly.
ALARM = 0.001


@dataclass(frozen=True)
class SampleRatio:
    """Counts of the arms against those planned.

    Attributes:
        n_baseline, n_changed: Iterations of each arm, unfinished ones too.
        planned_fraction: Share of the changed arm that was meant, 0 to 1.
        p_value: Of the chi-square test with one degree of freedom.
        is_off: True where the counts cannot be chance.
    """

    n_baseline: int
    n_changed: int
    planned_fraction: float
    p_value: float
    is_off: bool


def sample_ratio_of(rows: Rows, assignment: Assignment, planned_fraction: float | None) -> SampleRatio | NotEstimable:
    """Compares the counts with those planned; equal arms where the arms alternate or are mixed and nothing was said."""
    if planned_fraction is None and not assignment.expects_equal_arms:
        return NotEstimable(
            f"no share of the arms was planned ({assignment.words})", "alternate or randomise with tracker.arm(NAME)"
        )
    return check_sample_ratio(rows.n - int(rows.is_changed.sum()), int(rows.is_changed.sum()), planned_fraction or 0.5)


def check_sample_ratio(n_baseline: int, n_changed: int, planned_fraction: float) -> SampleRatio:
    """Pearson's chi-square of two counts against their planned shares.

    Raises:
        ValueError: The planned share is not between 0 and 1.
    """
    from scipy.special import chdtrc

    if not 0 < planned_fraction < 1:
        raise ValueError(f"planned_fraction == {planned_fraction}, must be in (0, 1): the share of the changed arm")
    n = n_baseline + n_changed
    meant = n * planned_fraction
    statistic = (n_changed - meant) ** 2 / (meant * (1 - planned_fraction))
    p_value = float(chdtrc(1, statistic))
    return SampleRatio(n_baseline, n_changed, planned_fraction, p_value, p_value < ALARM)
