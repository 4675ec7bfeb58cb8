"""What a report says, as numbers: everything estimated from one snapshot, before any of it is put into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracker.loops.marts import MARTS
from tracker.loops.snapshots import Manifest, Snapshot
from tracker.loops.spans_table import read_spans_with_arms
from tracker.reporting.counts import RegimeCounts, count_regimes, rank_regimes, regime_order
from tracker.reporting.kept_forecasts import KeptForecast
from tracker.reporting.kept_plans import KeptPlan
from tracker.reporting.landed import Landed, read_landed
from tracker.reporting.shares import Share, estimate_shares
from tracker.speedup import (
    Breakdown,
    KCurve,
    Mix,
    NotEstimable,
    ReplayGraph,
    WhatIf,
    by_regime,
    k_curve,
    mix,
    phase_breakdown,
    replay_graph,
    scale,
)
from tracker.speedup.results import MIXED, RegimeShare

DRAWS = 1_000
TWICE = 2.0
# Of each kind of target, so that a study with a hundred jobs still has a table that can be read.
TARGETS_OF_KIND = {"phase": 4, "job": 4, "queue": 1, "stage": 4}
WORTH_ASKING = 0.01

Results = Mapping[str, WhatIf | NotEstimable]


@dataclass(frozen=True)
class Request:
    """What was asked for: `studies` empty for all; `changes` empty for the largest targets twice as fast."""

    studies: tuple[str, ...]
    changes: tuple[str, ...]
    level: float
    seed: int
    draws: int = DRAWS


@dataclass(frozen=True)
class Question:
    """One what-if: the changes made together, and the result in each regime and mixed."""

    changes: tuple[str, ...]
    results: Results


@dataclass(frozen=True, eq=False)
class Typical:
    """The iteration of median length of a regime, with its spans in time order."""

    iteration: Mapping[str, Any]
    spans: tuple[Mapping[str, Any], ...]
    n: int


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything estimated for a report.

    Attributes:
        manifest: Of the snapshot.
        request: What was asked for.
        data: The marts that were used, by name; the spans with the arm of each tool.
        counts: Counts of each regime, unfinished iterations too.
        iterations: Rows of the mart for the iterations that the estimates use.
        shares: Where their time goes.
        breakdowns: Ceilings by regime and mixed.
        questions: The what-ifs.
        best: The what-if of the highest speedup over all iterations, if one could be estimated.
        curve: The speedup over k for what `best` changes.
        typical: One iteration of each regime.
        landed: The tooling changes whose arms were recorded, measured.
        pair: The two regimes that are compared: toy and real, or the largest two; None where there is one.
        gap: Why their loops differ; None where there is one regime.
        worth: What `best` is worth on either, likewise.
        forecasts: The ledger as it stood.
    """

    manifest: Manifest
    request: Request
    data: Mapping[str, pa.Table]
    counts: tuple[RegimeCounts, ...]
    iterations: tuple[Mapping[str, Any], ...]
    shares: tuple[Share, ...]
    breakdowns: Mapping[str, Breakdown]
    questions: tuple[Question, ...]
    best: Question | None
    curve: KCurve | NotEstimable | None
    typical: tuple[Typical, ...]
    landed: tuple[Landed, ...]
    pair: tuple[str, str] | None
    gap: Mix | NotEstimable | None
    worth: Mix | NotEstimable | None
    forecasts: tuple[KeptForecast, ...]

    @property
    def regimes(self) -> tuple[str, ...]:
        """The regimes with results, `mixed` last and only where there are several to mix."""
        several = len(self.breakdowns) > 2
        return tuple(regime for regime in self.breakdowns if several or regime != MIXED)

    @property
    def mix(self) -> tuple[RegimeShare, ...]:
        """The regimes with their share of the seconds that estimates over all iterations rest on."""
        elapsed = self.breakdowns[MIXED].elapsed_seconds
        return tuple(
            RegimeShare(regime, found.n, found.elapsed_seconds, found.elapsed_seconds / elapsed if elapsed else 0.0)
            for regime, found in self.breakdowns.items()
            if regime != MIXED and found.n
        )

    @property
    def whole(self) -> str:
        """The regime that stands for all iterations: the only one, or `mixed`."""
        return self.regimes[-1] if self.regimes else MIXED


def read_findings(
    snapshot: Snapshot,
    request: Request,
    forecasts: tuple[KeptForecast, ...] = (),
    plans: Mapping[str, KeptPlan] | None = None,
) -> Findings:
    """Reads the marts and estimates everything.

    Args:
        snapshot: Where the loops are read from.
        request: What was asked for.
        forecasts: The ledger, which no snapshot holds.
        plans: The plans in force, by tool; no snapshot holds them either.

    Raises:
        ValueError: A study that was asked for is not in the snapshot, or the level is none.
    """
    data = {mart: pq.read_table(snapshot.path(mart)) for mart in MARTS} | {"spans": read_spans_with_arms(snapshot)}
    _check_studies(data["iterations"], request.studies)
    data = {mart: _of_studies(table, request.studies) for mart, table in data.items()}
    graph = replay_graph(data["spans"])
    iterations = _used(graph, data["iterations"])
    settings: dict[str, Any] = {"level": request.level, "draws": request.draws, "rng": request.seed}
    breakdowns = phase_breakdown(graph, **settings) if graph.n else {}
    questions = _ask(graph, request, breakdowns, settings)
    best = _best(questions, MIXED)
    pair = largest_pair(breakdowns)
    return Findings(
        manifest=snapshot.manifest,
        request=request,
        data=data,
        counts=count_regimes(data["iterations"].to_pylist()),
        iterations=tuple(iterations),
        shares=estimate_shares(
            data["phase_totals"].to_pylist(), iterations, level=request.level, draws=request.draws, seed=request.seed
        ),
        breakdowns=breakdowns,
        questions=questions,
        best=best,
        curve=_curve(graph, best, settings),
        typical=tuple(_typical(iterations, data["spans"])),
        landed=read_landed(snapshot, request.studies, plans or {}, level=request.level, seed=request.seed),
        pair=pair,
        gap=mix(graph, between=pair, level=request.level) if pair else None,
        worth=mix(graph, changes=best.changes, between=pair, level=request.level) if pair and best else None,
        forecasts=forecasts,
    )


def _check_studies(iterations: pa.Table, studies: Sequence[str]) -> None:
    there = sorted(set(iterations["study"].to_pylist()))
    absent = [study for study in studies if study not in there]
    if absent:
        raise ValueError(f"study == {absent[0]!r} is not in this snapshot, must be one of {', '.join(there) or 'none'}")


def _of_studies(table: pa.Table, studies: Sequence[str]) -> pa.Table:
    return table.filter(pc.is_in(table["study"], pa.array(studies, table["study"].type))) if studies else table


def _used(graph: ReplayGraph, iterations: pa.Table) -> list[dict[str, Any]]:
    """The iterations that can be replayed: finished, and every span in them ended."""
    spans, index = graph.spans, graph.iterations.index
    keys = {(spans.studies[spans.study_of[number]], spans.iteration_ids[number]) for number in index}
    return [row for row in iterations.to_pylist() if (row["study"], row["iteration"]) in keys]


def _ask(
    graph: ReplayGraph, request: Request, breakdowns: Mapping[str, Breakdown], settings: dict[str, Any]
) -> tuple[Question, ...]:
    asked = request.changes or tuple(str(scale(target, TWICE)) for target in _largest_targets(breakdowns))
    if not graph.n:
        return ()
    return tuple(Question((change,), by_regime(graph, change, **settings)) for change in asked)


def _largest_targets(breakdowns: Mapping[str, Breakdown]) -> list[str]:
    """The targets that take most time in some regime, of each kind the first few."""
    shares: dict[str, float] = {}
    kinds: dict[str, str] = {}
    for breakdown in breakdowns.values():
        for row in breakdown.rows:
            shares[row.target] = max(shares.get(row.target, 0.0), row.fraction)
            kinds[row.target] = row.kind
    jobs = [target for target in shares if target.startswith("job:")]
    if len(jobs) == 1:  # `job` says the same
        del shares[jobs[0]]
    shares = {target: share for target, share in shares.items() if share >= WORTH_ASKING}
    largest = sorted(shares, key=lambda target: (-shares[target], target))
    return [
        target
        for kind, most in TARGETS_OF_KIND.items()
        for target in [target for target in largest if kinds[target] == kind][:most]
    ]


def _best(questions: Sequence[Question], regime: str) -> Question | None:
    found = [(question, result) for question in questions if isinstance(result := question.results.get(regime), WhatIf)]
    return max(found, key=lambda pair: pair[1].speedup)[0] if found else None


def _curve(graph: ReplayGraph, best: Question | None, settings: dict[str, Any]) -> KCurve | NotEstimable | None:
    verb, _, rest = best.changes[0].partition(":") if best else ("", "", "")
    return k_curve(graph, rest.rpartition(":")[0], **settings) if verb == "scale" else None


def largest_pair(breakdowns: Mapping[str, Breakdown]) -> tuple[str, str] | None:
    """Toy and real; of labels of one's own, the two with most seconds. None where fewer than two have any."""
    seconds = {name: found.elapsed_seconds for name, found in breakdowns.items() if found.n and name != MIXED}
    ranked = rank_regimes(seconds)
    return (ranked[0], ranked[1]) if len(ranked) > 1 else None


def _typical(iterations: Sequence[Mapping[str, Any]], spans: pa.Table) -> list[Typical]:
    found = []
    for regime in sorted({row["regime"] for row in iterations}, key=regime_order):
        ranked = sorted(
            (row for row in iterations if row["regime"] == regime),
            key=lambda row: (row["elapsed_seconds"], row["study"], row["iteration"]),
        )
        middle = ranked[(len(ranked) - 1) // 2]
        mask = pc.and_(pc.equal(spans["iteration"], middle["iteration"]), pc.equal(spans["study"], middle["study"]))
        found.append(Typical(middle, tuple(spans.filter(mask).to_pylist()), len(ranked)))
    return found
