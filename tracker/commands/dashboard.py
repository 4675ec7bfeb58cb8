"""`dashboard`: serves the pages on this machine."""

import argparse
import os
import subprocess

from tracker.dashboard.serve import command

EXAMPLE = "dashboard --port 8501"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="default 8501, or the next free one")


def run(options: argparse.Namespace) -> int:
    return subprocess.call(command(options.port), env={**os.environ, "TRACKER_HOME": str(options.home)})
