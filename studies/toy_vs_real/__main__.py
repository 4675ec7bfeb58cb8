"""Does tooling give 3-5x? Writes the report; `record` records the machine's part of its inputs afresh."""

import argparse
import json
import sys
from pathlib import Path

from studies.toy_vs_real.own_logs import OwnLogsError
from studies.toy_vs_real.scenario import ScenarioError

DATA = Path(__file__).resolve().parents[2] / "data"
SCENARIOS = (DATA / "scenarios" / "human_time.toml", DATA / "scenarios" / "full_size_run_times.toml")
LOOPS = DATA / "toy_vs_real"
OUT = Path("build") / "toy_vs_real"
_EXAMPLE = "example: python -m studies.toy_vs_real --spans my_loops.parquet --out build/mine"


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    if options.command == "record-round":
        from studies.toy_vs_real.recording import record_round

        record_round(options.workload, options.round, home=options.home)
    elif options.command == "record":
        from studies.toy_vs_real.recording import record

        print(f"written to {record(options.folder, home=options.home, watch=_tell)}")  # noqa: T201
    else:
        try:
            print(f"written to {write_report(options)}")  # noqa: T201
        except (ScenarioError, OwnLogsError) as error:
            print(error, file=sys.stderr)  # noqa: T201
            return 2
    return 0


def write_report(options: argparse.Namespace) -> Path:
    """Reads the inputs, carries the study out and writes the report."""
    from studies.toy_vs_real.document import write_document
    from studies.toy_vs_real.recorded import read_turns
    from studies.toy_vs_real.report import make_document
    from studies.toy_vs_real.scenario import read_scenario
    from studies.toy_vs_real.study import Sizes, carry_out

    told = options.loops.with_suffix(".json")
    study = carry_out(
        read_turns(options.loops),
        [read_scenario(path) for path in options.scenario or SCENARIOS],
        spans=options.spans,
        sizes=Sizes.about(options.draws),
        provenance=json.loads(told.read_text(encoding="utf-8")) if told.is_file() else {},
    )
    return write_document(make_document(study), options.out)


def _tell(step: str) -> None:
    print(step, flush=True)  # noqa: T201


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.toy_vs_real", description=__doc__, epilog=_EXAMPLE)
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help=f"where it goes (default: {OUT})")
    parser.add_argument("--spans", type=Path, metavar="FILE", help="your own spans table instead of assumed human time")
    parser.add_argument(
        "--scenario",
        type=Path,
        action="append",
        metavar="FILE",
        help="a scenario (repeatable; default: the two in data/)",
    )
    parser.add_argument(
        "--loops", type=Path, default=LOOPS / "loops.parquet", metavar="FILE", help="the recorded loops"
    )
    parser.add_argument("--draws", type=int, default=400, help="of the unknowns (default: 400)")
    commands = parser.add_subparsers(dest="command")
    recording = commands.add_parser("record", help="record the loops afresh, with and without each tool: half an hour")
    recording.add_argument("--folder", type=Path, default=LOOPS, help="where the spans go (default: data/toy_vs_real)")
    recording.add_argument("--home", type=Path, help="keep the record here, and go on with what is there")
    one = commands.add_parser("record-round", help="one round of one workload")
    one.add_argument("workload")
    one.add_argument("round", type=int)
    one.add_argument("--home", type=Path, required=True)
    options = parser.parse_args(arguments)
    if options.draws < 20:
        parser.error(f"--draws == {options.draws}, must be at least 20 for an interval to mean anything")
    return options


if __name__ == "__main__":
    sys.exit(main())
