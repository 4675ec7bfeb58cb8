"""`forecast`: say what a tool will do before it lands, and score it afterwards."""

import argparse
from pathlib import Path

from tracker.commands import forecasting
from tracker.commands.forecast_felt import felt
from tracker.commands.printing import add_exit_status
from tracker.commands.whose import add_who

EXAMPLE = "forecast record --tool activation_cache --change cache:stage:load:0.8 --loops-per-arm 20"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_exit_status(parser)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_record(actions.add_parser("record", help="seal a forecast in the ledger, before the tool lands"))
    listing = actions.add_parser("list", help="every forecast, also those whose tool never landed")
    listing.add_argument("--json", action="store_true", help="print the ledger as JSON")
    scoring = actions.add_parser("score", help="set forecasts against what was measured since")
    scoring.add_argument("--study", help="measure in this study only")
    scoring.add_argument(
        "--shipped",
        action="append",
        default=[],
        metavar="TOOL",
        help="a tool that was kept; repeat. All measured tools together then tell what the kept ones are worth",
    )
    scoring.add_argument("--level", type=float, default=0.95, help="level of intervals, between 0 and 1")
    scoring.add_argument("--json", action="store_true", help="print scores as JSON")
    _add_felt(actions.add_parser("felt", help="set what people said a loop takes against what the clock said"))


def run(options: argparse.Namespace) -> int:
    actions = {"record": forecasting.record, "list": forecasting.show, "score": forecasting.score_all, "felt": felt}
    return actions[options.action](options)


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.epilog = f"example: python -m tracker {EXAMPLE}"
    parser.add_argument("--tool", required=True, metavar="NAME", help="as in tools={NAME: True}")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--change",
        action="append",
        metavar="VERB:TARGET:NUMBER",
        help="what the tool does; repeatable. As for what-if, a number may be pilot=FILE, hits=45/50 or measured=FILE",
    )
    source.add_argument("--speedup", type=float, help="your own forecast, labelled so; needs --interval")
    parser.add_argument("--interval", metavar="LOW,HIGH", help="of your own forecast")
    parser.add_argument("--spans", type=Path, metavar="FILE", help="a spans table instead of the home's loops")
    add_who(parser)
    parser.add_argument("--estimand", default="total", choices=("total", "geometric_mean"))
    parser.add_argument("--loops-per-arm", type=int, default=20, help="loops of each arm it will be measured on")
    parser.add_argument(
        "--against-recorded", action="store_true", help="the loops recorded so far will be the baseline arm"
    )
    parser.add_argument(
        "--blocked", action="store_true", help="both arms will be recorded by turns, in blocks of four (see `plan`)"
    )
    parser.add_argument("--level", type=float, default=0.95, help="level of the interval, between 0 and 1")
    parser.add_argument("--json", action="store_true", help="print what was recorded as JSON")


def _add_felt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tool", metavar="NAME", help="compare the arms of this tool, too")
    parser.add_argument("--table", type=Path, metavar="FILE", help="a CSV or Parquet file instead of the home's loops")
    parser.add_argument("--felt", metavar="COL", help="with --table: column of what was said, seconds")
    parser.add_argument("--measured", metavar="COL", help="with --table: column of what was measured, seconds")
    parser.add_argument("--arm", metavar="COL", help="with --table: column of the arms")
    parser.add_argument("--baseline", metavar="VALUE", help="with --arm: its value that is the baseline")
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals, between 0 and 1")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")
