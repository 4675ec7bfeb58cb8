"""What is held constant while the arms are compared: covariates and fixed effects, as one orthonormal basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

MOST_CELLS = 100_000_000  # 0.8 GB of 64-bit numbers
RANK_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Design:
    """The regressors.

    Attributes:
        arm: 1 in the changed arm, else 0; shape (n,).
        nuisance: Orthonormal basis of the constant, covariates and fixed effects; shape (n, columns).
    """

    arm: FloatArray
    nuisance: FloatArray

    @property
    def is_plain(self) -> bool:
        """True where nothing but a constant is held."""
        return self.columns == 2

    @property
    def columns(self) -> int:
        """Parameters of the regression, the arm's among them."""
        return 1 + int(self.nuisance.shape[1])

    def matrix(self) -> FloatArray:
        """The arm and the basis side by side, shape (n, columns)."""
        return np.column_stack([self.arm, self.nuisance])


def design_of(rows: Rows) -> Design | NotEstimable:
    """Builds the regressors of these rows.

    Returns:
        The design, or why the arm cannot be told from what is held constant.

    Raises:
        ValueError: The fixed effects have too many levels to hold in memory.
    """
    blocks = [np.ones((rows.n, 1)), _standardised(rows.covariates), *(_dummies(levels) for levels in rows.fixed)]
    basis = _orthonormal(np.column_stack(blocks))
    arm = rows.is_changed.astype(np.float64)
    left = arm - basis @ (basis.T @ arm)
    if float(left @ left) <= RANK_TOLERANCE * max(float(arm @ arm), 1.0):
        return NotEstimable(
            "the arm does not vary once covariates and fixed effects are held constant",
            "leave out the fixed effect or covariate that says the same as the arm, or record both arms within it",
        )
    if rows.n <= basis.shape[1] + 1:
        return NotEstimable(
            f"{rows.n} iterations for {basis.shape[1] + 1} parameters",
            "hold fewer columns constant, or record more iterations",
        )
    return Design(arm, basis)


def _standardised(columns: FloatArray) -> FloatArray:
    """Centred and scaled, so that the rank does not depend on units."""
    spread = columns.std(axis=0)
    return np.asarray((columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _dummies(levels: IntArray) -> FloatArray:
    """One column for each level but the first."""
    found, code = np.unique(levels, return_inverse=True)
    if found.size * levels.size > MOST_CELLS:
        raise ValueError(
            f"a fixed effect with {found.size:,} levels over {levels.size:,} rows, at most "
            f"{MOST_CELLS // levels.size:,} levels fit; name it as cluster instead, or merge levels"
        )
    columns = np.zeros((levels.size, found.size))
    columns[np.arange(levels.size), code] = 1.0
    return columns[:, 1:]


def _orthonormal(columns: FloatArray) -> FloatArray:
    """Orthonormal basis of the space the columns span; collinear ones fall away."""
    if columns.shape[1] == 1:
        return np.asarray(columns / np.sqrt(columns.shape[0]))
    left, size, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(left[:, size > RANK_TOLERANCE * size[0]], np.float64)
