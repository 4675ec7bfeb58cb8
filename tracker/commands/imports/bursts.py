"""What the imports of history have in common: the rule by which jobs become iterations, and its options."""

import argparse
from collections.abc import Sequence

import pyarrow as pa

from tracker.capture.integrations.gap_rule import parse_rule, read_rule
from tracker.commands.imports.taking_in import Reading, add_common_arguments
from tracker.importers.instants import Zone
from tracker.importers.jobs import count_jobs
from tracker.loops.history import BurstRule, infer_iterations


def add_burst_arguments(parser: argparse.ArgumentParser, timezone: str, times: str) -> None:
    """Adds the rule's options, and the time zone of `times`."""
    default = BurstRule("")
    group = parser.add_argument_group("the rule by which jobs become iterations (printed with the result)")
    group.add_argument("--burst-seconds", type=float, default=default.burst_seconds, help="from launch to launch")
    group.add_argument("--chain-seconds", type=float, default=default.chain_seconds, help="from an end to a launch")
    group.add_argument("--shortest-seconds", help="a gap shorter than this is no phase")
    group.add_argument("--longest-hours", help="nor is one longer than this")
    group.add_argument("--work-days", help="days on which people work: Mon-Fri")
    group.add_argument("--work-hours", help="hours of the day in which they do: 7-21")
    parser.add_argument(
        "--timezone", default=timezone, help=f"of {times}: UTC, local (this machine's), Europe/Berlin, …"
    )
    parser.add_argument("--me", default="", metavar="USER", help="the user name there that is you")
    add_common_arguments(parser)


def burst_rule(options: argparse.Namespace, source: str) -> BurstRule:
    """Returns the rule that the options ask for; what they leave out is this home's, or the default.

    Raises:
        ValueError: A value is not allowed.
    """
    for name in ("burst_seconds", "chain_seconds"):
        if not 0 <= getattr(options, name) < float("inf"):
            raise ValueError(f"{name} == {getattr(options, name)}, must be a number from 0 up")
    asked = {name: getattr(options, name) for name in ("shortest_seconds", "longest_hours", "work_days", "work_hours")}
    gaps = parse_rule(
        {**read_rule(options.home).as_recorded(), **{name: value for name, value in asked.items() if value is not None}}
    )
    zone = Zone(options.timezone).iana_name()
    return BurstRule(source, options.burst_seconds, options.chain_seconds, gaps, zone)


def reading_of(jobs: pa.Table, steps: pa.Table, rows: int, rule: BurstRule, more: Sequence[str] = ()) -> Reading:
    """Infers the iterations of jobs; returns them with the rule in words."""
    spans = infer_iterations(jobs, steps, rule) if count_jobs(jobs) else jobs.slice(0, 0)
    return Reading(spans, rows, [*rule.sentences(), *more])
