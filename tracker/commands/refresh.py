"""`refresh`: brings the loop marts up to date with MLflow, the journal and the imports; publishes them to a team."""

import argparse

from tracker.capture.addresses import shown_uri
from tracker.commands.printing import print_json
from tracker.commands.refreshing import publish_to_team, read_team, refresh_home

EXAMPLE = "refresh --publish s3://BUCKET/loops"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from-scratch", action="store_true", help="build all, not only what changed since the last")
    parser.add_argument(
        "--publish",
        metavar="URI",
        help="then put what may be shared into a folder or s3://BUCKET/PREFIX: no person, no free text, five people in "
        "each study and regime",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="URI",
        help="make this home one that shows what a team published there; later refreshes bring the newest",
    )
    parser.add_argument("--json", action="store_true", help="print the snapshot's manifest as JSON")


def run(options: argparse.Namespace) -> int:
    if options.source:
        snapshot = read_team(options.home, options.source)
    else:
        snapshot = refresh_home(options.home, is_from_scratch=options.from_scratch)
    shared = publish_to_team(options.home, snapshot, options.publish) if options.publish else None
    manifest = snapshot.manifest
    if options.json:
        print_json(manifest)
        return 0
    print(f"snapshot {manifest.snapshot}: {manifest.iterations} iterations, up to {manifest.watermark or 'nothing'}")
    if shared is not None:
        print(
            f"published {shared.snapshot.manifest.iterations} of them to {shown_uri(options.publish)}; "
            f"{shared.held_back} held back, whose study and regime has fewer than five people"
        )
    return 0
