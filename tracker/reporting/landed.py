"""What landed tools did to the loops that were really done with them and without: read from a snapshot and measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tracker.loops.queries import read_measured_iterations, read_tools
from tracker.loops.snapshots import Snapshot
from tracker.reporting.kept_plans import Course, KeptPlan, course_of, under_plan
from tracker.speedup import Measured, Measurement, measure


@dataclass(frozen=True, eq=False)
class Landed:
    """One tooling change whose arms were recorded: what it did, the iterations that this rests on, its plan."""

    tool: str
    measurement: Measurement
    iterations: pa.Table
    plan: KeptPlan | None

    @property
    def course(self) -> Course | None:
        """The plan beside what was done; None where no plan is in force."""
        return None if self.plan is None else course_of(self.plan, self.iterations)

    @property
    def is_estimable(self) -> bool:
        """True where at least one estimand could be estimated."""
        return any(isinstance(result, Measured) for result in self.measurement.values())


def read_landed(
    snapshot: Snapshot, studies: Sequence[str], plans: Mapping[str, KeptPlan], *, level: float, seed: int
) -> tuple[Landed, ...]:
    """Measures every tooling change of which these studies (none: all) recorded an arm, by name; under its plan."""
    cursor = snapshot.connect()
    try:
        found = []
        for tool in read_tools(cursor):
            table = read_measured_iterations(cursor, tool)
            chosen = table.filter(pc.is_in(table["study"], pa.array(studies, pa.string()))) if studies else table
            if chosen.num_rows:
                plan = plans.get(tool)
                found.append(Landed(tool, measure_arms(chosen, plan, level=level, seed=seed), chosen, plan))
        return tuple(found)
    finally:
        cursor.close()


def measure_arms(iterations: pa.Table, plan: KeptPlan | None, *, level: float, seed: int) -> Measurement:
    """Compares the elapsed seconds of both arms, with all checks, by the plan in force where it covers them."""
    table, told = under_plan(iterations, plan)
    return measure(table, arm="arm", baseline="baseline", seconds="elapsed_seconds", level=level, rng=seed, **told)
