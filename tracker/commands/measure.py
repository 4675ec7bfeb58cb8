"""`measure`: what a tooling change did to the loops that were really done with and without it."""

import argparse
from pathlib import Path
from typing import Any

from tracker.commands.printing import add_exit_status, exit_status, print_json
from tracker.commands.whose import add_who, open_part
from tracker.loops.queries import read_measured_iterations, read_tools
from tracker.reporting.kept_plans import Course, course_of, read_plan, under_plan
from tracker.reporting.measured_words import describe_checks
from tracker.reporting.plan_words import plan_cautions, plan_table
from tracker.reporting.text import format_estimate, format_interval, format_level, format_reason, format_seconds
from tracker.speedup import Measured, Measurement, NotEstimable, measure

EXAMPLE = "measure --table iterations.csv --arm ai --baseline False --seconds work_seconds+review_seconds"
DESCRIPTION = """\
Compares iterations of two arms. Baseline seconds / changed seconds: above 1 is faster, whichever way round the arm
column is; the output says in words which value was the baseline.

--json prints {"estimands": {"geometric_mean": {...}, "total": {...}, "median": {...}}, "cautions": [...], ...}.
Of each estimand (or its "reason" and "remedy", where it cannot be estimated):
  speedup             baseline seconds / changed seconds; above 1 is faster
  interval, level     lower and upper end, and how often such intervals cover the truth
  estimand            geometric_mean: of the seconds, so the typical iteration; total: of the mean seconds, so the sum
                      of the work; median: of the median seconds. They can disagree, even in which arm is faster
  method              the model, and how its error was found
  n, n_baseline, n_changed, n_clusters, n_people, n_studies
                      iterations, in each arm, clusters, people, studies (null: not known)
  baseline_seconds, changed_seconds
                      geometric mean, mean or median seconds of each arm, with nothing held constant
  p_value             two-sided, of a speedup of exactly 1, by the same error as the interval
  orientation         which value is the baseline, in words
  always_valid_interval
                      the same for those who look after every iteration: it covers the truth at all looks together
  cluster_bootstrap_interval
                      the same by redrawing whole clusters (null: no clusters, or fewer than five)
  mix                 regimes with their n, seconds and fraction of all seconds
  evidence            measured
  cautions            what to know before using the number; the list beside "estimands" has those of all three
Beside them:
  assignment          how iterations came into their arms: kind, words, is_planned
  sample_ratio        counts of the arms against those planned (planned_fraction: of the changed arm), the p_value of
                      a chi-square test, is_off where chance would not do it
  guards              shares of iterations with failures, failed jobs, reruns or reversed decisions in each arm, their
                      difference (above 0 is worse) with its interval
  checks.permutation  p_value from shuffling the arms within what is held constant
  checks.rank_sum_p_value
                      Wilcoxon's, nothing held constant
  checks.placebo      the same comparison of baseline iterations with each other; is_clear where it finds an effect
  checks.over_time    speedup of stretches of changed iterations in time order, and later_over_earlier with interval
  checks.unfinished   how many are open, killed, failed in each arm; worst and best: the speedup if being killed hid
                      the longest iterations in one arm and the shortest in the other
  checks.by_study     each study alone and drawn towards the others, and next_interval for one more study"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = DESCRIPTION
    add_exit_status(parser)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--tool", metavar="NAME", help="a tooling change of the recorded loops: tools={NAME: …}")
    source.add_argument("--table", type=Path, metavar="FILE", help="a CSV or Parquet file, one row per iteration")
    parser.add_argument("--study", help="with --tool: only this study")
    add_who(parser)
    parser.add_argument("--arm", metavar="COL", help="column with the two arms; rows where it is empty are left out")
    parser.add_argument("--baseline", metavar="VALUE", help="its value that is the baseline, as text or as a number")
    parser.add_argument("--seconds", metavar="COL[+COL…]", help="column of durations, or several to add up")
    parser.add_argument(
        "--covariate",
        action="append",
        default=[],
        metavar="[log:]COL",
        help="hold a number constant that was known before the iteration began, best a forecast; may be repeated",
    )
    parser.add_argument("--fixed", action="append", default=[], metavar="COL", help="hold each value of COL constant")
    parser.add_argument("--cluster", metavar="COL", help="people, studies or others that stand for many more")
    parser.add_argument(
        "--impute",
        choices=("arm-mean",),
        help="fill missing addends of --seconds with that column's mean in the same arm, before adding up",
    )
    parser.add_argument("--time", metavar="COL", help="column that orders iterations in time (default started_at)")
    parser.add_argument("--status", metavar="COL", help="finished, failed, killed or open (default status)")
    parser.add_argument("--blocks", metavar="COL", help="blocks within which the arms were drawn, for the permutation")
    parser.add_argument("--planned", type=int, metavar="N", help="iterations planned, for the always-valid interval")
    parser.add_argument(
        "--planned-fraction", type=float, metavar="SHARE", help="share of the changed arm that was planned, 0 to 1"
    )
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals, between 0 and 1")
    parser.add_argument("--seed", type=int, default=0, help="seed of what is drawn at random")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(options: argparse.Namespace) -> int:
    table, columns, course = _of_tool(options) if options.tool else (*_of_table(options), None)
    given = {"planned": options.planned, "planned_fraction": options.planned_fraction, "blocks": options.blocks}
    columns |= {name: value for name, value in given.items() if value is not None}
    found = measure(
        table,
        **columns,
        covariates=options.covariate,
        fixed=options.fixed,
        cluster=options.cluster,
        impute=options.impute,
        level=options.level,
        rng=options.seed,
        time=options.time,
        status=options.status,
    )
    if options.json:
        print_json(found)
    else:
        _print(found, course)
    return exit_status(found.values(), is_json=options.json)


def _of_tool(options: argparse.Namespace) -> tuple[Any, dict[str, Any], Course | None]:
    if options.arm or options.baseline:
        raise ValueError("--arm and --baseline are of --table; with --tool the arms are those recorded")
    cursor = open_part(options).connect()
    table = read_measured_iterations(cursor, options.tool, options.study)
    if table.num_rows == 0:
        known = ", ".join(read_tools(cursor)) or "none: record them with tracker.iteration(…, tools={NAME: True})"
        raise ValueError(f"no iteration recorded its arm of {options.tool!r}; tools recorded here: {known}")
    columns = {"arm": "arm", "baseline": "baseline", "seconds": options.seconds or "elapsed_seconds"}
    plan = read_plan(options.home, options.tool)
    planned, told = under_plan(table, plan)
    return planned, columns | told, None if plan is None else course_of(plan, table)


def _of_table(options: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    wanted = {"arm": options.arm, "baseline": options.baseline, "seconds": options.seconds}
    absent = [f"--{name}" for name, value in wanted.items() if value is None]
    if absent:
        raise ValueError(f"--table needs {', '.join(absent)} too; example: python -m tracker {EXAMPLE}")
    if options.study:
        raise ValueError("--study is of --tool; keep the rows of one study in the table instead")
    return options.table, wanted


def _print(found: Measurement, course: Course | None) -> None:
    words = next((result.orientation for result in found.values() if isinstance(result, Measured)), "")
    print("measured: baseline seconds / changed seconds, above 1 is faster")
    if words:
        print(words)
    for estimand, result in found.items():
        print(f"{estimand}: {_line(result)}")
    for line in describe_checks(found):
        print(line)
    for row in plan_table(course) if course else ():
        print(": ".join(row.values()))
    for caution in (*found.cautions, *(plan_cautions(course) if course else ())):
        print(f"caution: {caution}")


def _line(result: Measured | NotEstimable) -> str:
    if isinstance(result, NotEstimable):
        return format_reason(result)
    seconds = f"{format_seconds(result.baseline_seconds)} → {format_seconds(result.changed_seconds)}"
    counts = f"n = {result.n_baseline} + {result.n_changed}"
    peeking = f"if you look often {format_interval(result.always_valid_interval)}"
    return f"{format_estimate(result)}, {format_level(result.level)} ({peeking}), {seconds}, {counts}"
