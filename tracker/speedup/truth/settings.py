"""The named settings of the generator: a closed set, so that a coverage figure can say what it holds for.

Times are log-normal around the medians below. What a whole loop shares is its *state*: a standard normal that follows
an autoregression of order one within a person (`autocorrelation`), times `state_spread` on the log scale. On top of it
every part of the loop has a shock of its own (`part_spread`) and every person a level (`person_spread`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

PHASES = ("think", "implement", "launch", "write", "evaluate", "decide")
STAGES = ("load", "compile", "steady")
JOB = "train"
PARTS = (*PHASES, "queue", *STAGES)

# Median seconds. Toy: sweeps under an hour; real: jobs over three hours, more to think about before and after.
MEDIAN_SECONDS = MappingProxyType(
    {
        "toy": (900.0, 1800.0, 60.0, 2400.0, 600.0, 120.0, 30.0, 120.0, 60.0, 1800.0),
        "real": (5400.0, 3600.0, 300.0, 9000.0, 3600.0, 900.0, 600.0, 900.0, 300.0, 12_000.0),
    }
)
REGIMES = tuple(MEDIAN_SECONDS)
UNFINISHED = ("none", "independent", "informative")
DESIGNS = ("randomised", "blocked", "alternating", "before_after")


@dataclass(frozen=True)
class GeneratorSettings:
    """How loops are made.

    Attributes:
        state_spread: Log standard deviation of what all parts of a loop share.
        autocorrelation: Coefficient of the state from one loop of a person to the next, 0 to below 1.
        part_spread: Log standard deviation of each part's own shock.
        part_autocorrelation: Coefficient of that shock from one loop of a person to the next, 0 to below 1: then also
            the share that a part has of its loop follows that of the loop before.
        tail_index: Index of a Pareto factor on each loop (P(factor > x) = x^-index), or None for none; above 2 the
            variance exists.
        people: People who work at the same time; the loops are dealt out evenly.
        person_spread: Log standard deviation between people.
        jobs: Jobs of a loop, submitted together; the loop waits for all of them.
        machines: Machines that all people share, first come first served; None makes queues exogenous, log-normal.
        paced: True where nobody begins a changed loop before it began at baseline: the time saved is not put into
            further loops. False begins the next one at once.
        overlapped: True where the person writes while the jobs run; what takes longer is waited for.
        weekends: True where phases run on weekdays from 9 to 17 only, while jobs and queues go on.
        learning: Log gain of a person from the first loop to the last, whatever the tool.
        real_fraction_first, real_fraction_last: Probability that a loop is of the real regime, from first to last.
        unfinished: `none`, `independent` (loops stop at a random instant that knows nothing of them) or `informative`
            (long loops are killed more often).
        unfinished_fraction: Share of loops that never end, 0 to below 1.
        forecast_spread: Log standard deviation of the error of the forecast made before each loop.
        effect_spread: Log standard deviation of the true effect between loops; the geometric mean keeps the speedup.
    """

    state_spread: float = 0.4
    autocorrelation: float = 0.0
    part_spread: float = 0.4
    part_autocorrelation: float = 0.0
    tail_index: float | None = None
    people: int = 1
    person_spread: float = 0.0
    jobs: int = 1
    machines: int | None = None
    paced: bool = False
    overlapped: bool = False
    weekends: bool = False
    learning: float = 0.0
    real_fraction_first: float = 0.0
    real_fraction_last: float = 0.0
    unfinished: str = "none"
    unfinished_fraction: float = 0.0
    forecast_spread: float = 0.5
    effect_spread: float = 0.0

    def __post_init__(self) -> None:
        """Raises a ValueError where a setting is out of range."""
        for name in ("autocorrelation", "part_autocorrelation"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} == {getattr(self, name)}, must be from 0 to below 1")
        if self.tail_index is not None and not self.tail_index > 2:
            raise ValueError(f"tail_index == {self.tail_index}, must be above 2: below, no variance exists to cover")
        if self.people < 1 or self.jobs < 1 or (self.machines is not None and self.machines < 1):
            raise ValueError("people, jobs and machines must be at least 1; machines=None is no shared queue")
        if self.unfinished not in UNFINISHED:
            raise ValueError(f"unfinished == {self.unfinished!r}, must be one of {', '.join(UNFINISHED)}")
        if not 0 <= self.unfinished_fraction < 1:
            raise ValueError(f"unfinished_fraction == {self.unfinished_fraction}, must be from 0 to below 1")


_PLAIN = GeneratorSettings()

NAMED_SETTINGS = MappingProxyType(
    {
        "independent": _PLAIN,
        "autocorrelated_03": replace(_PLAIN, autocorrelation=0.3),
        "autocorrelated_06": replace(_PLAIN, autocorrelation=0.6),
        "parts_autocorrelated_03": replace(_PLAIN, autocorrelation=0.3, part_autocorrelation=0.3),
        "parts_autocorrelated_06": replace(_PLAIN, autocorrelation=0.6, part_autocorrelation=0.6),
        "narrow": replace(_PLAIN, state_spread=0.15, part_spread=0.15),
        "wide": replace(_PLAIN, state_spread=0.8),
        "wide_autocorrelated_06": replace(_PLAIN, state_spread=0.8, autocorrelation=0.6),
        "heavy_tailed": replace(_PLAIN, state_spread=0.8, tail_index=3.0),
        "overlapped": replace(_PLAIN, overlapped=True, jobs=3),
        "few_people": replace(_PLAIN, people=4, person_spread=0.4),
        "many_people": replace(_PLAIN, people=12, person_spread=0.4),
        "queue": replace(_PLAIN, people=6, machines=2, person_spread=0.2),
        "queue_paced": replace(_PLAIN, people=6, machines=2, person_spread=0.2, paced=True),
        "queue_batches": replace(_PLAIN, people=6, machines=4, jobs=3, person_spread=0.2),
        "weekends": replace(_PLAIN, weekends=True, real_fraction_first=0.5, real_fraction_last=0.5),
        "weekends_paced": replace(_PLAIN, weekends=True, real_fraction_first=0.5, real_fraction_last=0.5, paced=True),
        "learning": replace(_PLAIN, learning=0.5),
        "mixed": replace(_PLAIN, real_fraction_first=0.3, real_fraction_last=0.3),
        "mix_shift": replace(_PLAIN, real_fraction_first=0.1, real_fraction_last=0.7),
        "unfinished_independent": replace(_PLAIN, unfinished="independent", unfinished_fraction=0.3),
        "unfinished_informative": replace(_PLAIN, unfinished="informative", unfinished_fraction=0.3),
    }
)


def resolve_settings(settings: str | GeneratorSettings) -> GeneratorSettings:
    """Returns settings by name, or those given.

    Raises:
        ValueError: There is no such name.
    """
    if isinstance(settings, GeneratorSettings):
        return settings
    if settings not in NAMED_SETTINGS:
        raise ValueError(f"settings == {settings!r}, must be one of {', '.join(NAMED_SETTINGS)}")
    return NAMED_SETTINGS[settings]
