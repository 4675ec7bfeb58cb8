"""How a what-if is estimated: its settings, checked once, with messages that say what is allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.replay.working_hours import WorkingHours, as_working_hours

ESTIMANDS = ("total", "geometric_mean", "median")
ANSWERS = ("frozen", "queue", "reinvested")
SEED = 20_040_101  # with rng=None the same table gives the same interval, so that a result can be recomputed
FEWEST_PREDICTED = 2


@dataclass(frozen=True)
class Settings:
    """How a what-if is estimated, checked.

    Attributes:
        prediction: Iterations of a later measurement, baseline and changed; None predicts none.
        blocked: That measurement takes the arms by turns, in blocks of four iterations.
    """

    estimand: str
    cluster: str | None
    calendar: WorkingHours | None
    answer: str
    people: float | None
    machines: int | None
    prediction: tuple[int, int] | None
    level: float
    draws: int
    rng: np.random.Generator | int | None
    blocked: bool = False

    def generator(self) -> np.random.Generator:
        """The source of randomness; one that was passed in goes on from where it stands."""
        return np.random.default_rng(SEED if self.rng is None else self.rng)


def check_settings(
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: WorkingHours | str | None = None,
    answer: str = "frozen",
    people: float | None = None,
    machines: int | None = None,
    prediction: int | tuple[int, int] | None = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
    blocked: bool = False,
) -> Settings:
    """Checks the settings of `what_if`.

    Raises:
        TypeError: The calendar is neither a rule nor text.
        ValueError: A setting is not allowed; the message says which, and what is.
    """
    if estimand not in ESTIMANDS:
        raise ValueError(f"estimand == {estimand!r}, must be one of {', '.join(ESTIMANDS)}")
    if answer not in ANSWERS:
        raise ValueError(f"answer == {answer!r}, must be one of {', '.join(ANSWERS)}")
    if cluster is not None and (not isinstance(cluster, str) or not cluster):
        raise ValueError(f"cluster == {cluster!r}, must be None or a column of the spans such as 'person'")
    if isinstance(level, bool) or not 0 < level < 1:
        meant = f"; did you mean {level / 100:g}?" if 1 < level < 100 else ""
        raise ValueError(f"level == {level}, must be in (0, 1){meant}")
    if isinstance(draws, bool) or draws != int(draws) or draws < 100:
        raise ValueError(f"draws == {draws}, must be a whole number from 100; 1000 is usual")
    if blocked and prediction is None:
        raise ValueError("blocked is how a later measurement is made; ask for one with prediction=")
    return Settings(
        estimand,
        cluster,
        as_working_hours(calendar),
        answer,
        _people(people, answer),
        _machines(machines, answer),
        _prediction(prediction),
        float(level),
        int(draws),
        rng,
        blocked,
    )


def _people(people: float | None, answer: str) -> float | None:
    if people is None:
        return None
    if answer == "frozen":
        raise ValueError("people is for answer='queue' or 'reinvested'; frozen waits ask nobody who else waits")
    if isinstance(people, bool) or not 1 <= people < float("inf"):
        raise ValueError(f"people == {people}, must be from 1")
    return float(people)


def _machines(machines: int | None, answer: str) -> int | None:
    if machines is None:
        return None
    if answer == "frozen":
        raise ValueError("machines is for answer='queue' or 'reinvested'; frozen waits ask for no machines")
    if isinstance(machines, bool) or machines != int(machines) or machines < 1:
        raise ValueError(f"machines == {machines}, must be a whole number from 1")
    return int(machines)


def _prediction(prediction: int | tuple[int, int] | None) -> tuple[int, int] | None:
    if prediction is None:
        return None
    both = prediction if isinstance(prediction, tuple) else (prediction, prediction)
    if len(both) != 2 or any(isinstance(m, bool) or m != int(m) or m < FEWEST_PREDICTED for m in both):
        raise ValueError(
            f"prediction == {prediction!r}, must be how many iterations of each arm will be measured, from "
            f"{FEWEST_PREDICTED}: 20, or (20, 40) for 20 baseline and 40 changed ones"
        )
    return int(both[0]), int(both[1])
