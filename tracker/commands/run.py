"""`run`: records a command without an edit; loads nothing of the platform, and so works with the hook alone."""

import argparse
import os
import sys

from tracker.capture.home import home_path
from tracker.capture.integrations.command import run_command
from tracker.capture.integrations.gap_rule import GapRule
from tracker.capture.integrations.processes import exit_code_of

EXAMPLE = "run --study sae-small-lm --regime real -- python train.py --k 32"


GAPS = (
    f"Between one command and the next, {GapRule().in_words()}. Change that with "
    'TRACKER_GAPS="longest_hours=1 shortest_seconds=10 work_days=Mon-Sat work_hours=8-18", or with the same keys in '
    "the table [gaps] of rules.toml in the home folder; each iteration carries the rule that was in force, and "
    "what was inferred by it is marked."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{parser.description} {GAPS}"
    said = os.environ.get
    parser.add_argument(
        "--study", default=said("TRACKER_STUDY") or "default", help="the line of research (TRACKER_STUDY)"
    )
    parser.add_argument(
        "--regime", default=said("TRACKER_REGIME", ""), help="toy, real, or a label of your own (TRACKER_REGIME)"
    )
    parser.add_argument(
        "--name",
        default=said("TRACKER_NAME", ""),
        help="what is tried (TRACKER_NAME); by default the program's name, never its arguments",
    )
    parser.add_argument(
        "program", nargs=argparse.REMAINDER, metavar="-- CMD …", help="the command, its arguments not recorded"
    )


def run(options: argparse.Namespace) -> int:
    program = options.program[1:] if options.program[:1] == ["--"] else options.program
    if not program:
        raise ValueError(f"run needs a command, for example: python -m tracker {EXAMPLE}")
    if options.home != home_path():  # else the command's environment stays as it is
        os.environ["TRACKER_HOME"] = str(options.home)
    try:
        return run_command(program, name=options.name, study=options.study, regime=options.regime)
    except OSError as error:
        print(f"loopgauge: {program[0]}: {error.strerror}", file=sys.stderr)
        return exit_code_of(error)
