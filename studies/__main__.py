"""Research loops, and what tooling changes do to them: `python -m studies list | run | predict | measure | table`."""

import argparse
import json
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from studies.driver import run_loops
from studies.outcomes import format_outcomes, summarise
from studies.prediction.options import add_arguments
from studies.progress import LoopProgress, show_progress
from studies.record import record_loops
from studies.registry import STUDIES, TOUR
from studies.reports import REPORTS, ReportFailed, write_reports
from studies.resuming import Run, read_run
from studies.tour import take_tour

INTERRUPTED = 130  # what a shell expects of a program that Ctrl-C ended


def main(arguments: list[str] | None = None) -> int:
    options, others = _parse(arguments)
    console = Console(markup=False, highlight=False)
    if options.command == "tour":
        return take_tour(lambda: main(["run", "--quick", *TOUR]), others)
    if options.command == "record":
        console.print(f"written to {record_loops(options.folder, rounds=options.rounds)}")
        return 0
    if options.command == "list":
        list_studies(console, as_json=options.json)
        return 0
    try:
        return _run(console, options)
    except KeyboardInterrupt:
        console.print("Stopped. What was finished is recorded; the iteration that was open is recorded as killed.")
        console.print(
            f"Go on with: python -m studies {options.command}{' --resume' if options.command == 'run' else ''}"
        )
        return INTERRUPTED


def _run(console: Console, options: argparse.Namespace) -> int:
    """What takes long, and can be stopped."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs deaf to Ctrl-C
    if options.command == "run":
        run_studies(console, options)
        return 0
    if options.command == "report":
        return report(console, options)
    from studies.prediction import commands  # pyarrow and the estimators: not for listing

    run = {
        "predict": commands.run_table,
        "measure": commands.run_table,
        "score": commands.score_table,
        "table": commands.write_table,
    }
    return run[options.command](console, options)


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
    run = read_run() if options.resume else _new_run(options)
    run.save()
    left = [name for name in run.counts for _ in range(run.left(name))]
    console.print(f"Scripted researcher: no human time is in these loops. Seed {run.options['seed']}.")
    with show_progress(console, [STUDIES[name].quick_iteration_seconds for name in left]) as progress:
        for name in dict.fromkeys(left):
            run_study(name, run, progress, console)


def report(console: Console, options: argparse.Namespace) -> int:
    """Write the reports that are asked for; 1 where one cannot be written."""
    names = options.names or list(REPORTS)
    with show_progress(console, [REPORTS[name].expected_seconds for name in names], unit="reports") as progress:
        try:
            write_reports(names, options.out.absolute(), progress)
        except ReportFailed as failed:
            console.print(str(failed), soft_wrap=True)
            return 1
    return 0


def _new_run(options: argparse.Namespace) -> Run:
    chosen = {name: STUDIES[name] for name in options.names or STUDIES}
    counts = {name: options.iterations or study.quick_iterations for name, study in chosen.items()}
    seed = fresh_seed() if options.seed is None else options.seed
    return Run(counts, {"seed": seed, "quick": options.quick, "confirm": options.confirm, "device": options.device})


def run_study(name: str, run: Run, progress: LoopProgress, console: Console) -> None:
    progress.step(name, "loading")
    wanted = dict(run.options)
    confirm = wanted.pop("confirm")
    agenda = run.agenda or STUDIES[name].make_agenda(**wanted)
    if confirm and not hasattr(agenda, "evaluation_round"):
        raise SystemExit(f"--confirm: {name} has no evaluation that could be repeated on another sample")
    turned = []
    for finished in run_loops(
        agenda,
        iterations=run.left(name),
        confirm=confirm,
        plan=run.plan,
        watch=lambda step: progress.step(name, step),
    ):
        turned.append(finished)
        run.finish_iteration(name, agenda, finished.decision.next_plan)
        progress.finish(name, finished)
    if confirm:
        console.print(f"{name}: {format_outcomes(summarise(turned))}", soft_wrap=True)


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
    running.add_argument(
        "--confirm", action="store_true", help="evaluate again before going on; prints how many decisions were reversed"
    )
    running.add_argument("--device", default="cpu", help="as torch names it (default: cpu)")
    running.add_argument(
        "--resume", action="store_true", help="go on with the run that was stopped, as it was asked for"
    )
    reporting = commands.add_parser("report", help="write the reports over what is recorded")
    reporting.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(REPORTS)} (default: all)")
    reporting.add_argument("--out", type=Path, default=Path("build"), metavar="FOLDER", help="default: build")
    commands.add_parser("tour", help="run the quick studies, ship and refresh them, serve the dashboard")
    recording = commands.add_parser("record", help="run the quick studies in a home of their own and keep their spans")
    recording.add_argument("folder", type=Path, metavar="FOLDER", help="where the spans table and its provenance go")
    recording.add_argument("--rounds", type=_positive, default=2, metavar="N", help="of each study (default: 2)")
    add_arguments(commands)
    options, others = parser.parse_known_args(arguments)
    if others and options.command != "tour":
        parser.error(f"unrecognised: {' '.join(others)}")
    known = REPORTS if options.command == "report" else STUDIES
    unknown = sorted(set(getattr(options, "names", [])) - set(known))
    if unknown:
        kind = "report" if options.command == "report" else "study"
        parser.error(f"no {kind} named {', '.join(unknown)}; there are {', '.join(known)}")
    return options, others


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number}, must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
