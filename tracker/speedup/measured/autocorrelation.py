"""Neighbours in time that resemble each other: what that does to the standard error, under the arms as they came.

Before/after arms make positive autocorrelation cost precision, alternation makes it gain some; a rule that looks at
the residuals alone would get one of them wrong. So a process is fitted to the residuals, and the variance of the
effect is worked out for it under these very arms and regressors.

The process is a slowly changing state seen with noise: correlation c * phi^lag. With c = 1 it is an autoregression of
order one; alone that falls short where every iteration also has a shock of its own, which hides how long the state
lasts (coverage 88 % instead of 94 % at phi = 0.6, c = 0.5 and 200 iterations, arms before and after).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.measured.design import Design
from tracker.speedup.measured.fits import Fit
from tracker.speedup.measured.rows import Rows

STATES = (0.2, 0.4, 0.6, 0.75, 0.85, 0.92)  # phi; at 1 the variance has no bound
BETWEEN = (0.0, 1 / 3, 2 / 3)  # steps from one phi to the next, as mixtures of both
SHARES = (0.25, 0.5, 0.75, 1.0)  # c
LAGS = 3  # more add noise at small n, and change nothing at large
SMALLEST_POWER = 0.01  # lags at which the correlation is below this are left out, where there are many rows
MOST_ROWS_ONE_BY_ONE = 1_000  # from about here on, going through the lags is faster
# A narrower error is used only where autocorrelation shows at this many standard errors (one-sided 5 %); a wider one
# always: the price of missing it is then a wide interval, not a false claim.
CLEAR = 1.645


@dataclass(frozen=True)
class Autocorrelation:
    """How neighbours in time resemble each other, and its consequence.

    Attributes:
        first: Correlation of one iteration with the next, small-sample bias taken out, 0 to 0.92; 0 without a time.
        z: How many standard errors the residuals' correlation lies above what independent ones would show.
        error_factor: On the standard error of independent iterations.
        freedom_factor: On its degrees of freedom.
    """

    first: float
    z: float
    error_factor: float
    freedom_factor: float


NONE = Autocorrelation(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class _Processes:
    """Correlations R, one to an entry, and what residuals of errors with them would show.

    M is the residual maker, L_k the shift by k, w the weights of the effect. All are linear in R, so those of a mixture
    are mixtures.

    Attributes:
        first: R at lag one.
        long_run: Variance of a long mean, in units of that of independent values.
        lagged: tr(L_k M R M), shape (processes, lags).
        kept: tr(M R).
        grown: w'Rw / w'w.
    """

    first: FloatArray
    long_run: FloatArray
    lagged: FloatArray
    kept: FloatArray
    grown: FloatArray

    def mixed(self, mixture: FloatArray) -> _Processes:
        """Mixtures, one to a row of shares that add up to 1."""
        values = (self.first, self.long_run, self.lagged, self.kept, self.grown)
        return _Processes(*(mixture @ value for value in values))

    def nearest(self, seen: FloatArray) -> int:
        """The process whose correlations come nearest to those seen."""
        return int(np.argmin(((seen - self.lagged / self.kept[:, None]) ** 2).sum(axis=1)))


def autocorrelation_of(fit: Fit, design: Design, rows: Rows, order: IntArray) -> Autocorrelation:
    """Estimates how neighbours resemble each other, and what it does to the error of this fit.

    The process is the one whose expected residual correlations at the first lags are nearest to those seen.

    Args:
        fit: The fit; its residuals are compared with their neighbours.
        design: Its regressors.
        rows: The rows; neighbours are of the same stream.
        order: Row numbers, stream by stream and in time within each.
    """
    stream = rows.stream[order]
    residual, weight = fit.residual[order], fit.weight[order]
    lags = min(LAGS, max(1, rows.n // 3))
    size = float(residual @ residual)
    if size == 0 or not (stream[1:] == stream[:-1]).any():
        return NONE
    seen = np.array([_lagged(residual, stream, lag) for lag in range(1, lags + 1)]) / size
    basis = np.linalg.qr(design.matrix())[0][order]
    noise = _processes(basis, weight, stream, lags, (0.0,))
    z = float(seen[0] - noise.lagged[0, 0] / noise.kept[0]) * float(np.sqrt(rows.n))
    if z <= 0 or rows.time is None:
        return Autocorrelation(0.0, z, 1.0, 1.0)
    candidates = _processes(basis, weight, stream, lags, (0.0, *STATES)).mixed(MIXTURES)
    best = candidates.nearest(seen)
    first, long_run = float(candidates.first[best]), float(candidates.long_run[best])
    factor = float(np.sqrt(candidates.grown[best] * (rows.n - basis.shape[1]) / candidates.kept[best]))
    if factor < 1 and z < CLEAR:
        return Autocorrelation(first, z, 1.0, 1.0)
    # As many independent values tell as much about a mean; t with as many takes up that the process is estimated.
    return Autocorrelation(first, z, factor, 1 / long_run if factor > 1 else 1.0)


def _mixtures() -> FloatArray:
    """Noise alone, and each state or mixture of neighbouring ones with a share of noise; rows of shares of both."""
    pure = np.eye(1 + len(STATES))  # noise first
    states = [step * after + (1 - step) * before for before, after in pairwise(pure) for step in BETWEEN]
    return np.array([pure[0], *(c * state + (1 - c) * pure[0] for state in [*states[1:], pure[-1]] for c in SHARES)])


MIXTURES = _mixtures()


def time_order(rows: Rows) -> IntArray:
    """Row numbers stream by stream, in time within each; as the rows stand where no time is known."""
    time = np.arange(rows.n) if rows.time is None else rows.time
    return np.asarray(np.lexsort((time, rows.stream)), np.int64)


def _processes(
    basis: FloatArray, weight: FloatArray, stream: IntArray, lags: int, states: tuple[float, ...]
) -> _Processes:
    """Processes with R = phi^lag within streams for each phi of the states, from M = I - QQ' without forming it."""
    phi = np.array(states)
    columns = np.column_stack([basis, weight])
    correlated = _correlate(columns, stream, phi)
    rb, rw = correlated[..., :-1], correlated[..., -1]
    inner = basis.T @ rb  # Q'RQ, shape (processes, k, k)
    lagged = np.zeros((phi.size, lags))
    for lag in range(1, lags + 1):
        same = (stream[lag:] == stream[:-lag])[:, None]
        early, late = basis[:-lag] * same, basis[lag:]
        lagged[:, lag - 1] = (
            phi**lag * float(same.sum())
            - np.einsum("ik,pik->p", early, rb[:, lag:])
            - np.einsum("pik,ik->p", rb[:, :-lag] * same, late)
            + np.einsum("kl,plk->p", early.T @ late, inner)
        )
    kept = basis.shape[0] - np.trace(inner, axis1=1, axis2=2)
    return _Processes(phi, (1 + phi) / (1 - phi), lagged, kept, rw @ weight / float(weight @ weight))


def _correlate(columns: FloatArray, stream: IntArray, phi: FloatArray) -> FloatArray:
    """R times the columns for each phi, shape (processes, n, columns): exactly, row by row; with many, lag by lag."""
    found = np.repeat(columns[None], phi.size, axis=0)
    n = stream.size
    if n > MOST_ROWS_ONE_BY_ONE:
        for process, state in zip(found, phi, strict=True):
            _add_lags(process, columns, stream, float(state))
        return found
    earlier, later = found.copy(), found.copy()  # each row with those before it, and with those after it
    carried = phi[:, None]
    for t in np.flatnonzero(stream[1:] == stream[:-1]) + 1:
        earlier[:, t] += carried * earlier[:, t - 1]
    for t in np.flatnonzero(stream[1:] == stream[:-1])[::-1]:
        later[:, t] += carried * later[:, t + 1]
    return np.asarray(earlier + later - found)


def _add_lags(found: FloatArray, columns: FloatArray, stream: IntArray, phi: float) -> None:
    lags = int(np.log(SMALLEST_POWER) / np.log(phi)) if phi > 0 else 0
    for lag in range(1, min(lags, stream.size - 1) + 1):
        same = (stream[lag:] == stream[:-lag])[:, None] * phi**lag
        found[lag:] += same * columns[:-lag]
        found[:-lag] += same * columns[lag:]


def _lagged(values: FloatArray, stream: IntArray, lag: int) -> float:
    return float(np.sum(values[:-lag] * values[lag:] * (stream[lag:] == stream[:-lag])))
