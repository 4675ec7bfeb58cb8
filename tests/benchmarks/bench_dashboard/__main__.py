"""Measures the pages in a browser: `python -m bench_dashboard --page docs/benchmarks/dashboard.md`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench_hook.machine import describe_machine, describe_source
from bench_hook.rounds import repository
from playwright.sync_api import sync_playwright

from bench_dashboard.measuring import measure_control, measure_crowd, measure_floor, measure_pages
from bench_dashboard.page import format_page
from bench_dashboard.processors import browser_processes, run_first

sys.path.insert(0, str(repository() / "tests" / "browser"))

from serving import CHROMIUM_ARGUMENTS, chromium, serving
from stores import make_many

PLAIN = Path(__file__).with_name("plain.py")
FLOOR = {"server.headless": True, "server.address": "127.0.0.1", "browser.gatherUsageStats": False}


def main() -> int:
    options = _parse()
    path = chromium()
    if path is None:
        raise SystemExit("bench-dashboard needs Debian's Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="bench-dashboard-") as folder:
        home = options.home or make_many(Path(folder) / "home", options.iterations)
        measured = _measure(home, path, options, Path(folder) / "server.log")
    options.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    page = format_page(measured)
    sys.stdout.write(page)
    if options.page is not None:
        options.page.write_text(page, encoding="utf-8")
    return 0


def _measure(home: Path, path: str, options: argparse.Namespace, log: Path) -> dict[str, Any]:
    measured: dict[str, Any] = {
        "machine": describe_machine(), "source": describe_source(), "iterations": options.iterations,
        "first": options.first, "rounds": options.rounds, "viewers": options.viewers, "moves": options.moves,
    }  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        measured["browser"] = browser.version
        try:
            with serving(home, log, _serve_plain) as server:
                measured["floor"] = measure_floor(browser, server, options.rounds, options.moves)
            with serving(home, log) as server:
                if options.first:
                    run_first([os.getpid(), server.process.pid, *browser_processes()])
                measured["pages"] = measure_pages(browser, server, options.rounds)
                measured["control"] = measure_control(browser, server, options.moves)
                measured["crowd"] = measure_crowd(browser, server, options.viewers)
        finally:
            browser.close()
    return measured


def _serve_plain(port: int) -> list[str]:
    given = [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in FLOOR.items()]
    return [sys.executable, "-m", "streamlit", "run", str(PLAIN), *given, f"--server.port={port}"]


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench_dashboard", description=__doc__)
    parser.add_argument("--iterations", type=int, default=100_000, help="in the store that is looked at")
    parser.add_argument("--home", type=Path, help="a home with so many, instead of one that is made")
    parser.add_argument(
        "--rounds", type=int, default=5, help="new sessions for each page, of which the median is taken"
    )
    parser.add_argument("--moves", type=int, default=40, help="of the what-if's control")
    parser.add_argument("--viewers", type=int, default=20, help="who look at once")
    parser.add_argument("--first", action="store_true", help="runs before all else on a busy machine (root alone may)")
    parser.add_argument("--json", type=Path, default=Path("docs/benchmarks/dashboard.json"))
    parser.add_argument("--page", type=Path, help="the page to write")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
