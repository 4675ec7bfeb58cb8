"""`plan`: how many iterations an experiment on a tool takes, and in which order its arms come."""

import argparse
import json
from pathlib import Path
from typing import Any

from tracker.capture.plans import Plan, current_plan, end_plan, write_plan
from tracker.commands.printing import add_exit_status, exit_status, print_json, print_table
from tracker.commands.whose import add_who, open_part
from tracker.loops.queries import read_mart
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.loops.spans_table import read_spans_with_arms
from tracker.reporting.text import format_count, format_fraction, format_number, format_reason, format_speedup
from tracker.speedup import ExperimentPlan, NotEstimable, plan
from tracker.speedup.planning.experiment import canonical_plan, seal_of
from tracker.speedup.planning.follow_up import FollowUp, follow_up

EXAMPLE = "plan --tool activation_cache --speedup 1.3 --record"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_exit_status(parser)
    parser.add_argument("--tool", metavar="NAME", help="the tooling change, as in tracker.arm(NAME)")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--record", action="store_true", help="put the plan into force: tracker.arm(NAME) follows it")
    action.add_argument("--status", action="store_true", help="how the plan in force is going")
    action.add_argument("--end", action="store_true", help="take the plan out of force; nothing recorded is removed")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--speedup", type=float, help="the smallest speedup worth finding; iterations follow")
    size.add_argument("--iterations", type=int, help="iterations of both arms together; what they can tell follows")
    parser.add_argument("--spans", type=Path, metavar="FILE", help="a spans table instead of the home's loops")
    add_who(parser)
    parser.add_argument(
        "--design",
        default="blocked",
        choices=("blocked", "abba", "randomised"),
        help="random order within fours, ABBA or BAAB by a coin, or a coin for each",
    )
    parser.add_argument("--estimand", default="geometric_mean", choices=("geometric_mean", "total"))
    parser.add_argument(
        "--looks", default="once", choices=("once", "daily"), help="daily plans for the always-valid interval"
    )
    parser.add_argument("--placebo", action="store_true", help="add an A/A assignment that nobody acts on")
    parser.add_argument("--power", type=float, default=0.8, help="probability to find what is there")
    parser.add_argument("--level", type=float, default=0.95, help="level of the interval, between 0 and 1")
    parser.add_argument("--seed", type=int, help="seed of the order; left out, it is drawn anew for --record")
    parser.add_argument("--json", action="store_true", help="print the plan or its status as JSON")


def run(options: argparse.Namespace) -> int:
    if (options.record or options.status or options.end) and not options.tool:
        raise ValueError("--record, --status and --end need --tool NAME")
    if options.end:
        return _end(options)
    return _status(options) if options.status else _size(options)


def _size(options: argparse.Namespace) -> int:
    spans = options.spans or read_spans_with_arms(open_part(options))
    found = plan(
        spans,
        tool=options.tool or "tool",
        speedup=options.speedup,
        iterations=options.iterations,
        design=options.design,
        estimand=options.estimand,
        looks=options.looks,
        placebo=options.placebo,
        power=options.power,
        level=options.level,
        rng=_seed(options),
    )
    if isinstance(found, NotEstimable):
        print_json(found) if options.json else print(format_reason(found))
        return exit_status([found], is_json=options.json)
    if options.record:
        _put_into_force(options, found)
    print_json(found) if options.json else _print(found, options)
    return 0


def _seed(options: argparse.Namespace) -> int | None:
    """An order that anybody could foresee would let people choose which iteration comes next."""
    import secrets

    return secrets.randbits(63) if options.record and options.seed is None else options.seed


def _put_into_force(options: argparse.Namespace, found: ExperimentPlan) -> None:
    running = current_plan(str(options.home), found.tool)
    if running is not None and 0 < len(running.slots()) < len(running.arms):
        raise ValueError(
            f"a plan for {found.tool!r} is in force and {len(running.slots())} of its {len(running.arms)} slots are "
            f"taken; end it first: python -m tracker plan --tool {found.tool} --end"
        )
    write_plan(str(options.home), found.tool, canonical_plan(found), found.sha256)


def _end(options: argparse.Namespace) -> int:
    if not end_plan(str(options.home), options.tool):
        raise ValueError(f"no plan for {options.tool!r} is in force")
    print(f"the plan for {options.tool} is out of force; tracker.arm({options.tool!r}) is False and records nothing")
    return 0


def _status(options: argparse.Namespace) -> int:
    running = current_plan(str(options.home), options.tool)
    if running is None:
        raise ValueError(f"no plan for {options.tool!r} is in force; record one with --record")
    slots = [(slot.number, None if slot.iteration == "-" else slot.iteration) for slot in running.slots()]
    found = follow_up(running.arms, slots, _recorded(options))
    seal = seal_of(json.dumps(running.body, sort_keys=True, separators=(",", ":"), ensure_ascii=True))
    is_whole = seal.startswith(running.digest)
    if options.json:
        print_json({"plan": running.body, "sha256": seal, "is_whole": is_whole, "follow_up": found})
        return 0
    _print_status(running, found, seal, is_whole)
    return 0


def _recorded(options: argparse.Namespace) -> dict[str, tuple[str, str]]:
    cursor = open_latest(snapshots_folder(options.home)).connect()
    rows: list[dict[str, Any]] = read_mart(cursor, "iterations").to_pylist()
    arms = {
        (row["study"], row["iteration"]): row["arm"]
        for row in read_mart(cursor, "arms").to_pylist()
        if row["tool"] == options.tool
    }
    return {row["iteration"]: (arms.get((row["study"], row["iteration"]), ""), row["status"]) for row in rows}


def _print(found: ExperimentPlan, options: argparse.Namespace) -> None:
    history = found.history
    least = format_speedup(found.detectable)
    print(
        f"{found.tool}: {found.iterations} iterations ({found.design}) tell {least} from none "
        f"with probability {format_fraction(found.power)}, {found.estimand}"
    )
    if found.detectable_with_forecasts is not None:
        print(f"with a forecast before each: {format_speedup(found.detectable_with_forecasts)}")
    print(
        f"from {format_count(history.n, 'iteration')}: log spread {format_number(history.spread)}, "
        f"autocorrelation {format_number(history.autocorrelation)}"
    )
    print(f"order: {found.arms[:60]}{'…' if len(found.arms) > 60 else ''} (B baseline, C changed)")
    print(f"stop: {found.stop}")
    print(f"analysis: {found.analysis}")
    print_table(
        ("iterations", "detectable", "with forecasts"),
        [
            (
                str(point.iterations),
                format_speedup(point.speedup),
                "–" if point.speedup_with_forecasts is None else format_speedup(point.speedup_with_forecasts),
            )
            for point in found.curve
        ],
    )
    for caution in found.cautions:
        print(f"caution: {caution}")
    if options.record:
        print(f"in force, sha256 {found.sha256}; tracker.arm({found.tool!r}) follows it")


def _print_status(running: Plan, found: FollowUp, seal: str, is_whole: bool) -> None:
    print(f"{running.tool}: {found.planned - found.remaining} of {found.planned} slots given out, sha256 {seal}")
    if not is_whole:
        print("caution: the plan was changed after it was recorded: it does not match its hash")
    print_table(
        ("arm", "assigned", "begun", "finished"),
        [(one.arm, str(one.assigned), str(one.begun), str(one.finished)) for one in found.arms],
    )
    print(f"sample ratio: finished of assigned in either arm, p = {format_number(found.ratio_p)}")
    if found.is_off:
        print("caution: the arms do not end equally often: what is left cannot be compared as if it were randomised")
    if found.crossed_over:
        print(f"caution: {format_count(found.crossed_over, 'iteration')} recorded in another arm than assigned")
    if found.double:
        print(f"caution: {format_count(found.double, 'slot')} given out twice: the home's file system knows no locks")
    print(f"stop: {running.body.get('stop', 'not said')}")
    if found.is_complete:
        print(f"complete; measure it: {running.body.get('analysis', 'python -m tracker measure')}")
