"""`delete`: erases iterations from the journal, MLflow, the imports and the snapshots."""

import argparse
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.capture.edits import related
from tracker.capture.home import journal_folder
from tracker.commands.matching import one_iteration, one_name
from tracker.commands.printing import print_json
from tracker.commands.refreshing import refresh_home
from tracker.importers.erasing import erase_from_imports, imported_iterations
from tracker.loops.erasing import remove_snapshots_of
from tracker.loops.snapshots import snapshots_folder
from tracker.loops.store import StoreError
from tracker.shipping.addresses import shown_uri, store_uri
from tracker.shipping.deletion import Erased, erase
from tracker.shipping.edit_log import read_edits
from tracker.shipping.erasing_runs import RunEraser, StoredIteration
from tracker.shipping.recorded_home import read_home

EXAMPLE = "delete 019cb7f0 --yes"
MOST_SHOWN = 20


@dataclass(frozen=True)
class Known:
    """An iteration that is kept somewhere."""

    iteration: str
    name: str
    study: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("iteration", nargs="?", help="an id, its beginning, or a name")
    what.add_argument("--study", metavar="NAME", help="all iterations of a study, and its name")
    what.add_argument("--all", action="store_true", help="everything that is recorded or imported")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print what was erased as JSON; needs --yes")


def run(options: argparse.Namespace) -> int:
    chosen = _chosen(options)
    if not options.yes and not _is_confirmed(options, chosen):
        print("nothing was deleted", file=sys.stderr)
        return 1
    iterations = {one.iteration for one in chosen}
    erased = erase(options.home, iterations, with_studies=options.iteration is None)
    spans = erase_from_imports(options.home, iterations)
    snapshots = remove_snapshots_of(snapshots_folder(options.home), iterations)
    if options.all:
        (options.home / "person").unlink(missing_ok=True)
    left = [*erased.runs.left, *_rebuild(options.home)]
    if options.json:
        counts = {"iterations": sorted(iterations), "imported_spans": spans, "snapshots": snapshots}
        print_json({**counts, **asdict(erased), "left": left})
    else:
        _print(options.home, len(iterations), erased, spans, snapshots, left)
    return int(bool(erased.runs.left))


def _chosen(options: argparse.Namespace) -> list[Known]:
    """Returns what is to be erased, with what an edit split off or merged in: it tells of the same events."""
    eraser, local = RunEraser(store_uri(options.home)), _known_here(options.home)
    chosen = _named(options, local, eraser)
    wanted = related(chosen, read_edits(journal_folder(options.home)))
    known = local | chosen
    for iteration in wanted - known.keys():  # known to MLflow alone
        known |= _known({}, eraser.stored_like(iteration))
    return [known[iteration] for iteration in sorted(wanted & known.keys())]


def _named(options: argparse.Namespace, local: dict[str, Known], eraser: RunEraser) -> dict[str, Known]:
    if options.all:
        return _known(local, eraser.stored())
    if options.study is not None:
        found = _known(local, eraser.stored_of(options.study))
        study = one_name(options.study, (one.study for one in found.values()), "study")
        return {name: one for name, one in found.items() if one.study == study}
    try:
        return _one(options.iteration, _known(local, eraser.stored_like(options.iteration)))
    except ValueError:  # looked for once more among all, for those that come near
        return _one(options.iteration, _known(local, eraser.stored()))


def _one(text: str, known: dict[str, Known]) -> dict[str, Known]:
    iteration = one_iteration(text, [(one.iteration, one.name) for one in known.values()])
    return {iteration: known[iteration]}


def _known(local: dict[str, Known], stored: list[StoredIteration]) -> dict[str, Known]:
    """Adds what was recorded on another host, or has its journal pruned."""
    return {one.iteration: Known(one.iteration, one.name, one.study) for one in stored} | local


def _known_here(home: Path) -> dict[str, Known]:
    """Returns what the journal and the imports tell of."""
    recorded = read_home(home)
    found = {one.iteration: Known(one.iteration, one.name, one.study) for one in recorded.iterations}
    for study, iteration in imported_iterations(home):
        found.setdefault(iteration, Known(iteration, "", study))
    for segment in recorded.segments:  # what has lost its beginning to damage, or to a deletion that was interrupted
        for event in segment.events:
            if event.get("iteration"):
                found.setdefault(str(event["iteration"]), Known(str(event["iteration"]), "", ""))
    return found


def _is_confirmed(options: argparse.Namespace, chosen: list[Known]) -> bool:
    if options.json or not sys.stdin.isatty():
        raise ValueError("delete asks before it erases, and nobody is there to answer: add --yes")
    for one in chosen[:MOST_SHOWN]:
        print(f"{one.iteration}  {one.study}  {one.name}")
    if len(chosen) > MOST_SHOWN:
        print(f"and {len(chosen) - MOST_SHOWN} more")
    return input(f"erase these {len(chosen)} for good? There is no undo. Type yes: ").strip() == "yes"


def _rebuild(home: Path) -> list[str]:
    try:
        refresh_home(home)
    except StoreError as error:
        return [f"no new snapshot was made: {error}"]
    return []


def _print(home: Path, iterations: int, erased: Erased, spans: int, snapshots: int, left: list[str]) -> None:
    segments = erased.segments
    print(f"iterations erased: {iterations}")
    print(f"journal: {segments.rewritten} segments written anew, {segments.removed} removed")
    print(f"MLflow at {shown_uri(store_uri(home))}: {erased.runs.runs} runs")
    print(f"imports: {spans} spans; snapshots: {snapshots} removed")
    if erased.runs.commands:
        print("the server's owner must still run, with DATABASE as the server has it, to remove the rows:")
        for command in erased.runs.commands:
            print(f"  {command}")
    for line in left:
        print(f"left: {line}")
    print("copies that you exported, reported or backed up are yours to remove")
