"""List the studies, run their loops, take the tour, record a store: `python -m studies list | run | tour | record`."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from studies.driver import run_loops
from studies.progress import LoopProgress, show_progress
from studies.record import record_loops
from studies.registry import STUDIES, Study
from studies.tour import take_tour

INTERRUPTED = 130  # what a shell expects of a program that Ctrl-C ended


def main(arguments: list[str] | None = None) -> int:
    options, others = _parse(arguments)
    console = Console(markup=False, highlight=False)
    if options.command == "tour":
        return take_tour(lambda: main(["run", "--quick"]), others)
    if options.command == "record":
        console.print(f"written to {record_loops(options.folder, rounds=options.rounds)}")
        return 0
    if options.command == "list":
        list_studies(console, as_json=options.json)
        return 0
    try:
        run_studies(console, options)
    except KeyboardInterrupt:
        console.print("Stopped. What was finished is recorded; the iteration that was open is recorded as killed.")
        return INTERRUPTED
    return 0


def list_studies(console: Console, *, as_json: bool) -> None:
    """Every study with what it asks; imports no workload."""
    if as_json:
        console.print_json(json.dumps({name: asdict(study) for name, study in STUDIES.items()}))
        return
    for name, study in STUDIES.items():
        seconds = study.quick_iterations * study.quick_iteration_seconds
        console.print(f"{name} ({study.regime}): {study.question}", soft_wrap=True)
        console.print(f"  quick: {study.quick_iterations} iterations, about {seconds:.0f} s on two cores")


def run_studies(console: Console, options: argparse.Namespace) -> None:
    """Run the chosen studies one after another, every iteration with seeds that no earlier run used."""
    chosen = {name: STUDIES[name] for name in options.names or STUDIES}
    seed = fresh_seed() if options.seed is None else options.seed
    counts = {name: options.iterations or study.quick_iterations for name, study in chosen.items()}
    expected = [study.quick_iteration_seconds for name, study in chosen.items() for _ in range(counts[name])]
    console.print(f"Scripted researcher: no human time is in these loops. Seed {seed}.")
    with show_progress(console, expected) as progress:
        for name, study in chosen.items():
            run_study(name, study, counts[name], seed, options, progress)


def run_study(
    name: str, study: Study, iterations: int, seed: int, options: argparse.Namespace, progress: LoopProgress
) -> None:
    progress.step(name, "loading")
    agenda = study.make_agenda(seed=seed, quick=options.quick, device=options.device)
    for finished in run_loops(agenda, iterations=iterations, watch=lambda step: progress.step(name, step)):
        progress.finish(name, finished)


def fresh_seed() -> int:
    """Seconds since 1970: an iteration takes longer than the few seeds it uses, so the next run meets none of them."""
    return int(time.time())


def _parse(arguments: list[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """The options, and for the tour alone what is meant for the dashboard it serves."""
    parser = argparse.ArgumentParser(prog="python -m studies", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the studies and what they ask")
    listing.add_argument("--json", action="store_true")
    running = commands.add_parser("run", help="run their loops, recorded by the hook")
    running.add_argument("names", nargs="*", metavar="NAME", help="studies to run (default: all)")
    running.add_argument("--quick", action="store_true", help="the small settings: minutes on two CPU cores")
    running.add_argument("--iterations", type=_positive, metavar="N", help="per study (default: as listed)")
    running.add_argument("--seed", type=int, help="first seed (default: a new one each time)")
    running.add_argument("--device", default="cpu", help="as torch names it (default: cpu)")
    commands.add_parser("tour", help="run the quick studies, ship and refresh them, serve the dashboard")
    recording = commands.add_parser("record", help="run the quick studies in a home of their own and keep their spans")
    recording.add_argument("folder", type=Path, metavar="FOLDER", help="where the spans table and its provenance go")
    recording.add_argument("--rounds", type=_positive, default=2, metavar="N", help="of each study (default: 2)")
    options, others = parser.parse_known_args(arguments)
    if others and options.command != "tour":
        parser.error(f"unrecognised: {' '.join(others)}")
    unknown = sorted(set(getattr(options, "names", [])) - set(STUDIES))
    if unknown:
        parser.error(f"no study named {', '.join(unknown)}; there are {', '.join(STUDIES)}")
    return options, others


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number}, must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
