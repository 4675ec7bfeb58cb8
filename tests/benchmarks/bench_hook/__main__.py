"""Measures the hook beside its peers and writes the benchmark page: `python -m bench_hook [--quick]`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench_hook import page
from bench_hook.experiments import measure_import, measure_share
from bench_hook.kills import kill_often
from bench_hook.machine import describe_machine, describe_source
from bench_hook.parts import measure_parts
from bench_hook.rounds import PEER_ROUNDS, repository, run_rounds
from bench_hook.subjects import SUBJECTS, installed_version

QUICK_SHARE_OF_CALLS = 0.1


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    if options.render:
        return _publish(json.loads(options.json.read_text(encoding="utf-8")), options)
    chosen = [subject for subject in SUBJECTS if not (options.quick and subject.is_peer)]
    subjects = [subject for subject in chosen if installed_version(subject)]
    machine = describe_machine()  # before the benchmark itself keeps the machine busy
    calls, failures = run_rounds(subjects, options.rounds, QUICK_SHARE_OF_CALLS if options.quick else 1.0, _say)
    absent = {subject.tool: f"{subject.distribution} is not installed" for subject in chosen if subject not in subjects}
    results: dict[str, Any] = {
        "command": options.command,
        "source": describe_source(),
        "machine": machine,
        "rounds": {"ours": options.rounds, "peers": min(options.rounds, PEER_ROUNDS)},
        "versions": {one.distribution: installed_version(one) for one in subjects if one.distribution},
        "left_out": absent | failures,
        "calls": calls,
        "parts": measure_parts(),
        "kills": kill_often(options.kills, options.seed, _say),
        "import": measure_import(options.import_pairs, _say),
    }
    if not options.quick:
        results["share"] = measure_share(options.platform_python, results["calls"], _say)
    return _publish(results, options)


def _publish(results: dict[str, Any], options: argparse.Namespace) -> int:
    text = json.dumps(results, indent=1) + "\n"
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(text, encoding="utf-8")
    sys.stdout.write(page.format_results(results) + "\n")
    if options.page is not None:
        page.write_page(options.page, results)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    docs = repository() / "docs"
    parser = argparse.ArgumentParser(prog="python -m bench_hook", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="our calls and the floors alone, few calls: a smoke test")
    parser.add_argument("--rounds", type=int, default=5, help="how often all subjects take their turn")
    parser.add_argument("--kills", type=int, default=200, help="how many writers are killed at random points")
    parser.add_argument("--import-pairs", type=int, default=100, help="how many processes import the hook")
    parser.add_argument("--platform-python", type=Path, default=Path(sys.executable), help="has what a study needs")
    parser.add_argument("--seed", type=int, default=0, help="of the random points")
    parser.add_argument("--json", type=Path, default=docs / "benchmarks" / "hook.json", help="where the numbers go")
    parser.add_argument("--page", type=Path, help="the page whose marked part is replaced")
    parser.add_argument("--render", action="store_true", help="measure nothing: print the numbers in --json again")
    parser.add_argument("--command", default="make bench-hook", help="what the page names as the command")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
