"""`refresh`: rebuilds the loop marts from MLflow."""

import argparse

from tracker.commands.printing import print_json
from tracker.loops.refresh import refresh

EXAMPLE = "refresh"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the snapshot's manifest as JSON")


def run(options: argparse.Namespace) -> int:
    manifest = refresh(options.home).manifest
    if options.json:
        print_json(manifest)
    else:
        print(
            f"snapshot {manifest.snapshot}: {manifest.iterations} iterations, up to {manifest.watermark or 'nothing'}"
        )
    return 0
