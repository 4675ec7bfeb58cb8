"""How a what-if is estimated: its settings, checked once, with messages that say what is allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ESTIMANDS = ("total", "geometric_mean", "median")
SEED = 20_040_101  # with rng=None the same table gives the same interval, so that a result can be recomputed


@dataclass(frozen=True)
class Settings:
    """How a what-if is estimated, checked."""

    estimand: str
    cluster: str | None
    level: float
    draws: int
    rng: np.random.Generator | int | None

    def generator(self) -> np.random.Generator:
        """The source of randomness; one that was passed in goes on from where it stands."""
        return np.random.default_rng(SEED if self.rng is None else self.rng)


def check_settings(
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: object = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> Settings:
    """Checks the settings of `what_if`.

    Raises:
        ValueError: One is not allowed; the message says which, and what is.
    """
    if estimand not in ESTIMANDS:
        raise ValueError(f"estimand == {estimand!r}, must be one of {', '.join(ESTIMANDS)}")
    if cluster not in (None, "person", "study"):
        raise ValueError(f"cluster == {cluster!r}, must be None, 'person' or 'study'")
    if calendar is not None:
        raise ValueError(
            f"calendar == {calendar!r}, must be None: working hours are not modelled; leave it out and read the "
            "result as elapsed time"
        )
    if isinstance(level, bool) or not 0 < level < 1:
        meant = f"; did you mean {level / 100:g}?" if 1 < level < 100 else ""
        raise ValueError(f"level == {level}, must be in (0, 1){meant}")
    if isinstance(draws, bool) or draws != int(draws) or draws < 100:
        raise ValueError(f"draws == {draws}, must be a whole number from 100; 1000 is usual")
    return Settings(estimand, cluster, float(level), int(draws), rng)
