"""`run`: records a command without an edit; loads nothing of the platform, and so works with the hook alone."""

import argparse
import os
import sys

from tracker.capture.home import home_path
from tracker.capture.integrations.command import run_command
from tracker.capture.integrations.processes import exit_code_of

EXAMPLE = "run --study sae-small-lm --regime real -- python train.py --k 32"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", default="default", help="the line of research that it belongs to")
    parser.add_argument("--regime", default="", help="toy, real, or a label of your own")
    parser.add_argument("--name", default="", help="what is tried; by default the program's name, never its arguments")
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
