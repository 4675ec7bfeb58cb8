"""What a sceptic asks of the record itself: counts over the marts `iterations` and `arms`, nothing estimated."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tracker.reporting.counts import regime_order


@dataclass(frozen=True)
class ArmFacts:
    """How many iterations recorded each arm of a tool; `without` recorded none, and count in neither.

    `regimes` has the name of each regime with its share of the baseline and of the changed iterations.
    """

    tool: str
    baseline: int
    changed: int
    without: int
    also_other_tools: int
    regimes: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Facts:
    """Counts over all iterations that are looked at; seconds are wall-clock.

    Attributes:
        people: How many; a scripted researcher is none.
        regimes: Name, iterations and seconds of each, the largest first.
        forecasts: Iterations that said beforehand how long they would take.
        arms: One for each tool of which any iteration recorded its arm.
    """

    iterations: int
    finished: int
    failed: int
    killed: int
    open: int
    scripted: int
    people: int
    studies: int
    jobs: int
    decision_points: int
    murky_decision_points: int
    elapsed_seconds: float
    overlapped_seconds: float
    unattributed_seconds: float
    queue_seconds: float
    forecasts: int
    evidence: tuple[str, ...]
    regimes: tuple[tuple[str, int, float], ...]
    arms: tuple[ArmFacts, ...]


def read_facts(iterations: pa.Table, arms: pa.Table) -> Facts:
    """Counts the rows of the two marts."""
    status = dict(_counted(iterations, "status"))
    people = pc.unique(iterations.filter(pc.invert(iterations["is_scripted"]))["person"]).to_pylist()
    return Facts(
        iterations=iterations.num_rows,
        finished=status.get("finished", 0),
        failed=status.get("failed", 0),
        killed=status.get("killed", 0),
        open=status.get("open", 0),
        scripted=_sum(iterations, "is_scripted", int),
        people=len([person for person in people if person]),
        studies=len(pc.unique(iterations["study"])),
        jobs=_sum(iterations, "jobs", int),
        decision_points=_sum(iterations, "decision_points", int),
        murky_decision_points=_sum(iterations, "murky_decision_points", int),
        elapsed_seconds=_sum(iterations, "elapsed_seconds", float),
        overlapped_seconds=_sum(iterations, "overlapped_seconds", float),
        unattributed_seconds=_sum(iterations, "unattributed_seconds", float),
        queue_seconds=_sum(iterations, "queue_seconds", float),
        forecasts=iterations.num_rows - iterations["forecast_seconds"].null_count,
        evidence=tuple(sorted(name for name, _ in _counted(iterations, "evidence"))),
        regimes=_regimes(iterations),
        arms=_arms(iterations, arms),
    )


def _arms(iterations: pa.Table, arms: pa.Table) -> tuple[ArmFacts, ...]:
    per_iteration = arms.group_by(["study", "iteration"]).aggregate([("tool", "count")])
    several = per_iteration.filter(pc.greater(per_iteration["tool_count"], 1))
    shared = arms.join(several.select(["study", "iteration"]), ["study", "iteration"], join_type="inner")
    placed = arms.join(iterations.select(["study", "iteration", "regime"]), ["study", "iteration"], join_type="inner")
    found = []
    for tool in sorted(pc.unique(arms["tool"]).to_pylist()):
        own = dict(_counted(arms.filter(pc.equal(arms["tool"], tool)), "arm"))
        baseline, changed = own.get("baseline", 0), own.get("changed", 0)
        also = pc.sum(pc.cast(pc.equal(shared["tool"], tool), pa.int64())).as_py() or 0
        without = iterations.num_rows - baseline - changed
        found.append(
            ArmFacts(tool, baseline, changed, without, also, _mixes(placed.filter(pc.equal(placed["tool"], tool))))
        )
    return tuple(found)


def _mixes(arms: pa.Table) -> tuple[tuple[str, float, float], ...]:
    """Each regime's share of the iterations of either arm of one tool."""
    counts = Counter(zip(arms["regime"].to_pylist(), arms["arm"].to_pylist(), strict=True))
    regimes = sorted({regime for regime, _ in counts}, key=regime_order)
    of = {arm: sum(counts[regime, arm] for regime in regimes) or 1 for arm in ("baseline", "changed")}
    return tuple(
        (regime, counts[regime, "baseline"] / of["baseline"], counts[regime, "changed"] / of["changed"])
        for regime in regimes
    )


def _regimes(iterations: pa.Table) -> tuple[tuple[str, int, float], ...]:
    rows = iterations.group_by("regime").aggregate([("elapsed_seconds", "count"), ("elapsed_seconds", "sum")])
    found = [(row["regime"], row["elapsed_seconds_count"], row["elapsed_seconds_sum"]) for row in rows.to_pylist()]
    return tuple(sorted(found, key=lambda row: (-row[2], row[0])))


def _counted(table: pa.Table, column: str) -> list[tuple[str, int]]:
    rows = table.group_by(column).aggregate([([], "count_all")]).to_pylist()
    return [(row[column], row["count_all"]) for row in rows]


def _sum(table: pa.Table, column: str, kind: Any) -> Any:
    return kind(pc.sum(pc.cast(table[column], pa.float64())).as_py() or 0)
