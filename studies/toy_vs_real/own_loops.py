"""One regime's loops out of a person's own logs, with the bundle's changes on the names that logs have.

The human phases are the logs'. What the tools do stays what was measured and assumed here: a machine's tool has the
effect that it had in a recorded workload of the same regime, and which of them the own work is like is one more
unknown, unless all of it is in studies of one workload's name. A tool that finds none of its part changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from studies.toy_vs_real.loops import Levels
from studies.toy_vs_real.scenario import CENTRE, CLEAR, MURKY, Draw
from studies.toy_vs_real.tools import Bundle
from studies.toy_vs_real.unknowns import MEASURED, Unknown
from studies.toy_vs_real.workloads import WORKLOADS
from tracker.speedup import Change, Spans, parallelise, read_spans, scale
from tracker.speedup.columns import DECISION, JOB, PHASE, SECOND, STAGE

_DECIDING = ("evaluate", "decide")


class OwnLoops:
    """A regime's rows of a spans table.

    Attributes:
        studies: recorded workloads that this work may be like.
    """

    def __init__(self, regime: str, table: Any, bundle: Bundle, studies: Sequence[str] = ()) -> None:
        self.regime, self.bundle, self._table = regime, bundle, table
        self._spans = read_spans(table)
        alike = tuple(name for name, workload in WORKLOADS.items() if workload.regime == regime)
        own = set(self._spans.studies)
        self.studies = tuple(studies) or (tuple(own) if len(own) == 1 and own <= set(alike) else alike)
        self._names = {kind: _names(self._spans, kind) for kind in (PHASE, JOB, STAGE)}

    def unknowns(self) -> tuple[Unknown, ...]:
        """Which workload this work is like, where it may be one of several."""
        if len(self.studies) == 1:
            return ()
        words = f"which recorded workload the {self.regime} work is like"
        return (Unknown(self._alike, words, MEASURED, 0.0, 1.0, (self.studies[0], self.studies[-1])),)

    def spans(self, draw: Draw, levels: Levels | None = None) -> Any:
        """The logs, in every draw."""
        return self._spans

    def changes(self, draw: Draw, on: Collection[str], spans: Any = None) -> list[Change]:
        """The bundle's changes; those on clear and on murky decisions share the one phase that logs have for both."""
        study = self.studies[min(int(draw.get(self._alike, CENTRE) * len(self.studies)), len(self.studies) - 1)]
        murky = self.levels(draw).murky_fraction
        reached: dict[tuple[str, str, Any, Any], float] = defaultdict(float)
        for change in self.bundle.changes((study,), _EVERYTHING, draw, on, as_recorded=False):
            kind, name = change.target.kind, change.target.name.removesuffix(f" {study}")
            clarity = name.rpartition(" ")[2]
            weight = {CLEAR: 1 - murky, MURKY: murky}.get(clarity, 1.0) if kind == "phase" else 1.0
            name = name.removesuffix(f" {clarity}") if clarity in (CLEAR, MURKY) else name
            if change.verb == "parallelise":
                reached["parallelise", "job", change.number, change.second] = 0.0
            elif target := self._target(kind, name):
                reached["scale", target, change.number, None] += weight * float(change.second or 0.0)
        return [
            self._made(*key, fraction) for key, fraction in reached.items() if key[0] == "scale" or self._names[JOB]
        ]

    def standardising(self, draw: Draw, levels: Levels) -> list[Change]:
        """Jobs and the phases of decisions, longer or shorter by the ratio of the levels.

        Murkiness moves by the seconds of evaluate and decide in iterations with and without a murky decision here.
        """
        own, (clear, murky) = self.levels(draw), self._deciding_seconds()
        here, there = ((1 - at.murky_fraction) * clear + at.murky_fraction * murky for at in (own, levels))
        k = own.decision_points / levels.decision_points * (here / there if there else 1.0)
        jobs = [scale("job", own.job_seconds / levels.job_seconds)] if self._names[JOB] else []
        return [*jobs, *(scale(f"phase:{name}", k) for name in _DECIDING if name in self._names[PHASE])]

    def levels(self, draw: Draw) -> Levels:
        """As recorded; without a decision point each iteration counts for one, and a clear one."""
        spans, clarity = self._spans, self._clarity()
        jobs = (spans.kind == JOB) & ~spans.unfinished
        seconds = float((spans.ended[jobs] - spans.started[jobs]).sum()) / SECOND
        points = len(clarity) / spans.n_iterations or 1.0
        return Levels(seconds / max(int(jobs.sum()), 1), points, clarity.count(MURKY) / max(len(clarity), 1))

    def unused(self, tools: Sequence[str], draw: Draw) -> tuple[str, ...]:
        """Tools that find nothing to act on here, whichever workload the work is like."""
        alone = [OwnLoops(self.regime, self._table, self.bundle, (study,)) for study in self.studies]
        return tuple(tool for tool in tools if not any(one.changes(draw, (tool,)) for one in alone))

    @property
    def _alike(self) -> str:
        return f"alike.{self.regime}"

    def _target(self, kind: str, name: str) -> str:
        """The target in these logs, or nothing. Any job may be a training; a check is no job that logs would know."""
        if kind == "job":
            return "job" if name == "train" and self._names[JOB] else ""
        return f"{kind}:{name}" if name in self._names[PHASE if kind == "phase" else STAGE] else ""

    def _made(self, verb: str, target: str, number: Any, second: Any, fraction: float) -> Change:
        if verb == "parallelise":
            return parallelise(target, int(number), second)
        return scale(target, number, fraction=min(1.0, fraction))

    def _clarity(self) -> list[str]:
        """Of each decision point; empty text where the logs do not say."""
        is_decision = self._spans.kind == DECISION
        if "clarity" not in self._table.column_names:
            return [""] * int(is_decision.sum())
        return [str(word or "").lower() for word in self._table["clarity"].filter(is_decision).to_pylist()]

    def _deciding_seconds(self) -> tuple[float, float]:
        """Mean seconds of evaluate and decide in an iteration without a murky decision, and with one."""
        spans = self._spans
        chosen = (spans.kind == PHASE) & ~spans.unfinished
        chosen &= np.isin(spans.name, [code for code, name in enumerate(spans.names) if name in _DECIDING])
        taken = (spans.ended[chosen] - spans.started[chosen]) / SECOND
        seconds = np.bincount(spans.iteration[chosen], taken, minlength=spans.n_iterations)
        of = spans.iteration[spans.kind == DECISION]
        murky = np.zeros(spans.n_iterations, np.bool_)
        murky[of[[word == MURKY for word in self._clarity()]]] = True
        if murky.all() or not murky.any():
            return float(seconds.mean()), float(seconds.mean())
        return float(seconds[~murky].mean()), float(seconds[murky].mean())


class _Everything(frozenset[str]):
    """Holds every name: what there is in own logs is asked when a change gets its name there."""

    def __contains__(self, name: object) -> bool:
        return True


_EVERYTHING = _Everything()


def _names(spans: Spans, kind: int) -> frozenset[str]:
    return frozenset(spans.names[code] for code in np.unique(spans.name[spans.kind == kind]))
