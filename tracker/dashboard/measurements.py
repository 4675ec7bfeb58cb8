"""Kept measurements of every tooling change: each belongs to a snapshot, a study, a level and the plan in force."""

from typing import cast

from tracker.capture.home import home_path
from tracker.dashboard import reads
from tracker.dashboard.estimates import SEED
from tracker.dashboard.kept import keep
from tracker.loops.snapshots import Snapshot
from tracker.reporting.kept_plans import Course, KeptPlan, course_of, read_plans
from tracker.reporting.landed import measure_arms
from tracker.speedup import Measurement


def plans_in_force(snapshot: Snapshot) -> dict[str, KeptPlan]:
    """The plans of the user's own home; loops that came from elsewhere were not done under them.

    Raises:
        ValueError: One of them is damaged.
    """
    is_own = snapshot.folder.is_relative_to(home_path())
    return read_plans(home_path(), reads.tools(snapshot)) if is_own else {}


def courses(snapshot: Snapshot, study: str | None) -> dict[str, Course]:
    """The plans in force beside what was done of them."""
    plans = plans_in_force(snapshot)
    return {tool: course_of(plan, reads.measured_iterations(snapshot, tool, study)) for tool, plan in plans.items()}


def measurement(snapshot: Snapshot, tool: str, study: str | None, level: float) -> Measurement:
    """The measured speedup of one tooling change over the elapsed seconds, with all its checks."""
    plan = plans_in_force(snapshot).get(tool)

    def make() -> Measurement:
        return measure_arms(reads.measured_iterations(snapshot, tool, study), plan, level=level, seed=SEED)

    # Slots are given out while a snapshot stays what it is.
    return cast(
        Measurement, keep(snapshot, ("measured", tool, study, level, plan), make, doing="Comparing the two arms")
    )
