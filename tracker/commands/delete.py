"""`delete`: erases iterations from the journal, MLflow, the imports and the snapshots."""

import argparse
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.capture.edits import related
from tracker.capture.home import journal_folder
from tracker.commands.matching import one_iteration, one_name
from tracker.commands.printing import print_json
from tracker.importers.erasing import erase_from_imports, imported_iterations
from tracker.loops.erasing import remove_snapshots_of
from tracker.loops.refresh import refresh
from tracker.loops.snapshots import snapshots_folder
from tracker.loops.store import StoreError
from tracker.shipping.addresses import shown_uri, store_uri
from tracker.shipping.deletion import Erased, erase
from tracker.shipping.edit_log import read_edits
from tracker.shipping.erasing_runs import RunEraser
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
    known = _known(options.home)
    chosen = _with_parts(_chosen(options, known), known, options.home)
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


def _known(home: Path) -> list[Known]:
    recorded = read_home(home)
    found = {one.iteration: Known(one.iteration, one.name, one.study) for one in recorded.iterations}
    for study, iteration in imported_iterations(home):
        found.setdefault(iteration, Known(iteration, "", study))
    for one in RunEraser(store_uri(home)).stored():  # what was recorded on another host, or its journal pruned
        found.setdefault(one.iteration, Known(one.iteration, one.name, one.study))
    for segment in recorded.segments:  # what has lost its beginning to damage, or to a deletion that was interrupted
        for event in segment.events:
            if event.get("iteration"):
                found.setdefault(str(event["iteration"]), Known(str(event["iteration"]), "", ""))
    return [found[iteration] for iteration in sorted(found)]


def _with_parts(chosen: list[Known], known: list[Known], home: Path) -> list[Known]:
    """Adds what an edit split off or merged in: it tells of the same time, from the same events."""
    wanted = related([one.iteration for one in chosen], read_edits(journal_folder(home)))
    return [one for one in known if one.iteration in wanted]


def _chosen(options: argparse.Namespace, known: list[Known]) -> list[Known]:
    if options.all:
        return known
    if options.study is not None:
        study = one_name(options.study, (one.study for one in known), "study")
        return [one for one in known if one.study == study]
    iteration = one_iteration(options.iteration, [(one.iteration, one.name) for one in known])
    return [one for one in known if one.iteration == iteration]


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
        refresh(home)
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
        print("the server's owner must still run, to remove the rows that are marked as deleted:")
        for command in erased.runs.commands:
            print(f"  {command}")
    for line in left:
        print(f"left: {line}")
    print("copies that you exported, reported or backed up are yours to remove")
