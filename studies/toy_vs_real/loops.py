"""The loops that are asked about: recorded machine time with a person's assumed minutes around it, as a spans table.

    think, implement (person) -> build (machine) -> launch (person) -> train, one job after another (machine)
    -> for each decision point: check (machine), evaluate, decide (person)

Names carry the study, because a tool's effect is that of its study. A murky decision has its own evaluate phase: a tool
reaches less of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studies.toy_vs_real.recorded import Turn
from studies.toy_vs_real.scenario import CENTRE, CLEAR, MURKY, Draw, HumanPhase
from studies.toy_vs_real.tools import Bundle
from tracker.speedup import Change

_SECOND = 1_000_000
_APART = 10_000_000 * _SECOND  # between the starts of two iterations, longer than any


@dataclass(frozen=True)
class Levels:
    """What may differ between toy and real besides what the tools do to the work.

    Attributes:
        job_seconds: mean length of a job.
        decision_points: mean number in an iteration.
        murky_fraction: share of the decision points that were murky.
    """

    job_seconds: float
    decision_points: float
    murky_fraction: float


FACTORS = ("job_seconds", "decision_points", "murky_fraction")


class AssumedLoops:
    """One regime's recorded iterations, with the scenario's person in them."""

    evidence = "what-if on recorded machine time and assumed human time"

    def __init__(self, regime: str, turns: Sequence[Turn], bundle: Bundle) -> None:
        self.regime, self.bundle, self.scenario = regime, bundle, bundle.scenario
        self.turns = tuple(turn for turn in turns if turn.regime == regime)
        self.studies = tuple(dict.fromkeys(turn.study for turn in self.turns))
        self._recorded = {study: self._mean_job_seconds(study) for study in self.studies}

    def changes(self, draw: Draw, on: Collection[str], spans: Mapping[str, list[Any]]) -> list[Change]:
        """What the tools that are on do to a table of these loops."""
        return self.bundle.changes(self.studies, set(spans["name"]), draw, on)

    def standardising(self, draw: Draw, levels: Levels) -> list[Change]:
        """None: the table itself is made at other levels."""
        return []

    def levels(self, draw: Draw) -> Levels:
        """Of these loops in this draw."""
        jobs = sum(len(turn.jobs) for turn in self.turns)
        seconds = sum(turn.job_seconds * self._stretch(turn.study, draw) for turn in self.turns)
        points = [murky for turn in self.turns for murky in turn.murky]
        return Levels(seconds / jobs, len(points) / len(self.turns), sum(points) / len(points))

    def spans(self, draw: Draw, levels: Levels | None = None) -> dict[str, list[Any]]:
        """The spans table of a draw; with other levels, jobs, decision points and murkiness are moved to those."""
        own = self.levels(draw)
        wanted = levels or own
        rows = _Rows(self.regime)
        for place, turn in enumerate(self.turns):
            murky = [_moved(float(one), own.murky_fraction, wanted.murky_fraction) for one in turn.murky]
            rows.open(turn.study, place)
            self._add(rows, turn, murky, draw, wanted.job_seconds / own.job_seconds, wanted, own)
        return rows.columns

    def _add(
        self, rows: "_Rows", turn: Turn, murky: list[float], draw: Draw, longer: float, wanted: Levels, own: Levels
    ) -> None:
        stretch, study = self._stretch(turn.study, draw), turn.study
        more = wanted.decision_points / own.decision_points
        rows.phase(f"think {study}", self._seconds("think", murky[-1], draw))
        rows.phase(f"implement {study}", self._seconds("implement", murky[-1], draw))
        rows.job(f"build {study}", turn.build_seconds * stretch, {})
        rows.phase(f"launch {study}", self._seconds("launch", murky[-1], draw))
        for job in turn.jobs:
            scale = stretch * longer
            stages = {f"{name} {study}": seconds * scale for name, seconds in job.stages.items()}
            rows.job(f"train {study}", job.seconds * scale, stages)
        for weight in murky:
            rows.job(f"check {study}", turn.check_seconds / len(murky) * stretch * more, {})
            for phase in ("evaluate", "decide"):
                human = self.scenario.human[phase]
                for clarity, share in ((CLEAR, 1 - weight), (MURKY, weight)):
                    rows.phase(
                        f"{phase} {clarity} {study}", share * more * self._minutes(human, phase, clarity, draw) * 60
                    )
            rows.decision(f"decision {study}")
        rows.close()

    def _seconds(self, phase: str, murky: float, draw: Draw) -> float:
        human = self.scenario.human[phase]
        minutes = {clarity: self._minutes(human, phase, clarity, draw) for clarity in (CLEAR, MURKY)}
        return 60 * ((1 - murky) * minutes[CLEAR] + murky * minutes[MURKY])

    def _minutes(self, human: HumanPhase, phase: str, clarity: str, draw: Draw) -> float:
        return (human.clear if clarity == CLEAR else human.murky).at(draw.get(f"human.{phase}", CENTRE))

    def _mean_job_seconds(self, study: str) -> float:
        turns = [turn for turn in self.turns if turn.study == study]
        return sum(turn.job_seconds for turn in turns) / sum(len(turn.jobs) for turn in turns)

    def _stretch(self, study: str, draw: Draw) -> float:
        """How much longer than recorded the scenario says that this study's machine works."""
        stated = self.scenario.job_minutes.get(study)
        if stated is None:
            return 1.0
        return 60 * stated.at(draw.get(f"job_minutes.{study}", CENTRE)) / self._recorded[study]


def machine_rows(turns: Sequence[Turn]) -> dict[str, list[Any]]:
    """The spans table of the machine's work alone, one regime, nothing of a person in it."""
    rows = _Rows(turns[0].regime)
    for place, turn in enumerate(turns):
        rows.open(turn.study, place)
        rows.job(f"build {turn.study}", turn.build_seconds, {})
        for job in turn.jobs:
            stages = {f"{name} {turn.study}": seconds for name, seconds in job.stages.items()}
            rows.job(f"train {turn.study}", job.seconds, stages)
        rows.job(f"check {turn.study}", turn.check_seconds, {})
        rows.close()
    return rows.columns


def _moved(weight: float, own: float, wanted: float) -> float:
    """A decision's murkiness when the share of murky ones is another: proportional below it, and to the rest above."""
    if wanted <= own:
        return weight * wanted / own if own else weight
    return 1 - (1 - weight) * (1 - wanted) / (1 - own)


class _Rows:
    """Columns of a spans table, filled span by span; each waits for the one before."""

    names = ("study", "regime", "iteration", "span", "parent", "kind", "name", "started_at", "ended_at", "after")

    def __init__(self, regime: str) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in self.names}
        self._regime, self._study, self._iteration = regime, "", ""
        self._at, self._last, self._begun = 0, "-", 0

    def open(self, study: str, place: int) -> None:
        self._study, self._iteration = study, f"{self._regime} {place}"
        self._at = self._begun = (place + 1) * _APART
        self._last = "-"

    def close(self) -> None:
        self._write("iteration", self._iteration, self._begun, self._at, after="")

    def phase(self, name: str, seconds: float) -> None:
        if seconds > 0:
            self._last = self._write("phase", name, self._at, self._pass(seconds), after=self._last)

    def job(self, name: str, seconds: float, stages: Mapping[str, float]) -> None:
        if seconds <= 0:
            return
        begun = self._at
        span = self._write("job", name, begun, self._pass(seconds), after=self._last)
        self._stages(span, begun, stages.items())
        self._last = span

    def decision(self, name: str) -> None:
        self._write("decision", name, self._at, self._at, after="")

    def _stages(self, job: str, begun: int, stages: Iterable[tuple[str, float]]) -> None:
        at, end = begun, self._at
        for name, seconds in stages:
            until = min(end, at + round(seconds * _SECOND))
            if until > at:
                self._write("stage", name, at, until, after="", parent=job)
            at = until

    def _pass(self, seconds: float) -> int:
        self._at += max(1, round(seconds * _SECOND))
        return self._at

    def _write(self, kind: str, name: str, start: int, end: int, *, after: str, parent: str = "") -> str:
        span = f"{self._iteration}/{len(self.columns['span'])}"
        values = (self._study, self._regime, self._iteration, span, parent, kind, name, start, end, after)
        for column, value in zip(self.names, values, strict=True):
            self.columns[column].append(value)
        return span
