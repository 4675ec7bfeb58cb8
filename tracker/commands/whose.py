"""`--who`: whose loops a command reads, where several people's lie in one home; the same as the pages show."""

import argparse
import sys

from tracker.capture.home import own_persons
from tracker.loops.parts import own_part, team_part
from tracker.loops.queries import read_people
from tracker.loops.snapshots import Snapshot, open_latest, snapshots_folder
from tracker.reporting.whose import MINE, TEAM, WORDS, parts_of


def add_who(parser: argparse.ArgumentParser) -> None:
    """Adds the option."""
    parser.add_argument(
        "--who",
        choices=(MINE, TEAM),
        help="whose loops, where several people's lie in one home, as on the pages: your own, or the team's together, "
        "of groups of at least five people, without persons and free text; default: your own, where there are any",
    )


def open_part(options: argparse.Namespace) -> Snapshot:
    """Returns the part of the home's latest snapshot that is asked for, so that no command goes further than the pages.

    Raises:
        NoSnapshot: Nothing has been published.
        NobodysToShow: None of it is one's own, and the team is below the floor.
        ValueError: What is asked for is not to be had.
    """
    snapshot = open_latest(snapshots_folder(options.home))
    own = own_persons(options.home)
    parts = parts_of(read_people(snapshot.connect()), own)
    if not parts.are_others:
        if options.who == TEAM:
            raise ValueError("--who == team, but all loops in this home are yours")
        return snapshot
    who = options.who or parts.offered[0]
    if who not in parts.offered:
        raise ValueError(f"--who == {who}, {parts.refused or 'but none of these loops is yours'}")
    print(f"loopgauge: several people's loops are in this home; what follows is of {WORDS[who]}", file=sys.stderr)
    return own_part(snapshot, own) if who == MINE else team_part(snapshot)
