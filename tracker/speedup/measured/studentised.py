"""The quantile by which the interval of a ratio of means reaches out, where durations have heavy tails.

Student's t is too short there: for log-normal seconds of log standard deviation 1.3, twenty iterations to an arm, its
95 % interval covers 90 %, this one 95 %.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray

DRAWS = 999
CHUNK_OF_DRAWS = 2_000_000  # values drawn at once, 16 MB
FEWEST_OF_AN_ARM = 5
# With more than these the mean is normal enough, and drawing them takes seconds.
MOST_ROWS = 4_000


def studentised_quantile(
    seconds: FloatArray, is_changed: BoolArray, level: float, rng: np.random.Generator
) -> float | None:
    """Quantile of |log ratio of means - its estimate| in standard errors, over resamples of each arm.

    Symmetric studentised bootstrap (Hall 1988, Journal of the Royal Statistical Society B 50(1)): coverage error of
    order n^-2.

    Returns:
        The quantile, or None where an arm is too small to resample or so large that it need not be.
    """
    arms = [seconds[~is_changed], seconds[is_changed]]
    if min(arm.size for arm in arms) < FEWEST_OF_AN_ARM or seconds.size > MOST_ROWS:
        return None
    centre = _log_mean(arms[0][None, :])[0] - _log_mean(arms[1][None, :])[0]
    step = max(1, CHUNK_OF_DRAWS // seconds.size)
    distance = []
    for begin in range(0, DRAWS, step):
        size = min(step, DRAWS - begin)
        drawn = [_log_mean(arm[rng.integers(0, arm.size, (size, arm.size))]) for arm in arms]
        error = np.sqrt(drawn[0][1] + drawn[1][1])
        gap = np.abs(drawn[0][0] - drawn[1][0] - centre[0])
        with np.errstate(divide="ignore", invalid="ignore"):
            distance.append(np.where(error > 0, gap / error, np.inf))
    rank = min(DRAWS, int(np.ceil(level * (DRAWS + 1)))) - 1  # exact under exchangeability, so no interpolation
    found = float(np.partition(np.concatenate(distance), rank)[rank])
    return found if np.isfinite(found) else None


def _log_mean(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Logarithm of the mean of each row, and its variance by the delta method."""
    mean = values.mean(axis=1)
    return np.log(mean), values.var(axis=1, ddof=1) / values.shape[1] / mean**2
