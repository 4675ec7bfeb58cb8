"""The options of `python -m studies predict | measure | score | table`; loads nothing that takes time."""

import argparse
import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "predicted_and_measured"
HOME_VARIABLE = "STUDIES_TABLE_HOME"


def add_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    predict = commands.add_parser("predict", help="seal a forecast for each pair of a workload and a tooling change")
    measure = commands.add_parser("measure", help="predict where that is missing, then run both arms by turns")
    score = commands.add_parser("score", help="measure the recorded loops and score the forecasts")
    table = commands.add_parser("table", help="write the result table in the README from what is stored")
    for one in (predict, measure, score):
        one.add_argument("pairs", nargs="*", metavar="PAIR", help="CHANGE.WORKLOAD (default: all)")
        one.add_argument("--home", type=Path, default=_home(), help=f"of the loops (default: {HOME_VARIABLE})")
    for one in (predict, measure):
        one.add_argument("--core", type=int, metavar="N", help="pin pairs without parallel jobs to this core")
        one.add_argument("--device", default="cpu", help="as torch names it (default: cpu)")
        one.add_argument("--size", default="table", choices=("test", "table", "quick", "full"))
    for one in (predict, measure, score, table):
        one.add_argument("--folder", type=Path, default=FOLDER, help="of the stored records")
    table.add_argument("--readme", type=Path, default=ROOT / "README.md")


def _home() -> Path:
    return Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".loopgauge-table").expanduser()
