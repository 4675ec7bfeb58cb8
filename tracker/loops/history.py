"""Iterations out of jobs that no hook recorded: bursts of jobs become iterations, gaps become inferred phases."""

from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from tracker.capture.integrations.gap_rule import GapRule
from tracker.loops.store import read_sql

STEPS = ("launches", "bursts", "placed_jobs", "gaps", "inferred_phases", "chained_jobs")
_SECOND = 1_000_000


@dataclass(frozen=True)
class BurstRule:
    """How jobs become iterations.

    Attributes:
        source: What ids begin with.
        burst_seconds: A launch at most so long after the launch before it belongs to the same iteration.
        chain_seconds: One at most so long after the end of any job before it as well: a script started it.
        gaps: Which gaps between jobs count as a person at work; its offset from UTC is not used.
        zone: The time zone of the working hours, a name of the IANA's.
    """

    source: str
    burst_seconds: float = 300.0
    chain_seconds: float = 60.0
    gaps: GapRule = field(default_factory=GapRule)
    zone: str = "UTC"

    def sentences(self) -> list[str]:
        """Returns the rule in words, with its numbers."""
        gaps = self.gaps.as_recorded()
        return [
            f"jobs of one study and person are one iteration when one is launched at most {self.burst_seconds:g} s "
            f"after the launch before it (--burst-seconds), or at most {self.chain_seconds:g} s after any of "
            "them ended (--chain-seconds); an array, and a parent run with its children, stay together",
            "a time in which nothing of a person is queued or running is a phase of the iteration that follows, "
            f"marked inferred, when it takes {self.gaps.shortest_seconds:g} s (--shortest-seconds) to "
            f"{self.gaps.longest_hours:g} h (--longest-hours), as far as it lies in working hours: {gaps['work_days']} "
            f"(--work-days), {gaps['work_hours']} (--work-hours), {self.zone}",
        ]

    def as_table(self) -> pa.Table:
        """Returns the rule as the one row that the SQL reads."""
        return pa.table(
            {
                "source": [self.source],
                "burst_us": [round(self.burst_seconds * _SECOND)],
                "chain_us": [round(self.chain_seconds * _SECOND)],
                "shortest_us": [round(self.gaps.shortest_seconds * _SECOND)],
                "longest_us": [round(self.gaps.longest_hours * 3_600 * _SECOND)],
                "work_days": [_work_days(self.gaps)],
                "work_from_us": [round(self.gaps.from_hour * 3_600 * _SECOND)],
                "work_until_us": [round(self.gaps.until_hour * 3_600 * _SECOND)],
                "zone": [self.zone],
            }
        )


def infer_iterations(jobs: pa.Table, steps: pa.Table, rule: BurstRule) -> pa.Table:
    """Returns a spans table of jobs that stood alone.

    Args:
        jobs: One row each: `study`, `regime`, `person`, `job` (unique within a study), `family` (what keeps jobs
            together; empty: nothing), `name`, `launched_us`, `enabled_us`, `started_us`, `ended_us` (microseconds UTC),
            `status`, `state` (the other system's word), `attempt`, `device`, `ranks`, `config`, and `is_job`: False for
            a parent run that its children stand for.
        steps: Stages: `study`, `job`, `step` (unique within its job), `name`, `status`, `started_us`, `ended_us`.
        rule: Which jobs and gaps make an iteration.

    Raises:
        ValueError: The rule names a time zone that there is not.
    """
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.register("given_jobs", jobs)
    connection.register("step_records", steps)
    connection.register("burst_rule", rule.as_table())
    connection.sql(read_sql("history", "job_records")).create("job_records")
    try:
        for step in STEPS:
            connection.sql(read_sql("history", step)).create(step)
    except duckdb.NotImplementedException as error:
        raise ValueError(f"timezone == {rule.zone!r} is not known: {error}") from error
    return connection.sql(read_sql("history", "inferred_spans")).to_arrow_table()


def _work_days(gaps: GapRule) -> list[int]:
    """Returns the working days as ISO numbers them, Monday = 1; a week may begin on a Sunday."""
    days = [day % 7 for day in range(gaps.first_day, gaps.first_day + 7)]
    return [day + 1 for day in days[: days.index(gaps.last_day) + 1]]
