"""`doctor`: what is recorded where, what has not been shipped, what failed, and what the hook itself costs."""

import argparse
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tracker import __version__
from tracker.capture.integrations.gap_rule import FILE, read_rule
from tracker.capture.journal import SCHEMA
from tracker.capture.recorder import is_switched_off
from tracker.commands.printing import print_json
from tracker.reporting.text import format_fraction, format_seconds
from tracker.shipping.checkup import Finding, check_home
from tracker.shipping.overhead import METHOD, Overhead, estimate_overhead, measure_call_seconds
from tracker.shipping.recorded_home import RecordedHome, read_home

EXAMPLE = "doctor"
LAST_ITERATIONS = 5
PLATFORM = ("mlflow", "duckdb", "pyarrow", "streamlit")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(options: argparse.Namespace) -> int:
    recorded = read_home(options.home)
    overhead = _overhead(recorded)
    findings = [
        *check_home(options.home, recorded),
        *_switches(),
        _gaps(options.home),
        *_overhead_findings(overhead),
        _versions(),
    ]
    problems = sum(finding.kind == "problem" for finding in findings)
    if options.json:
        shares = [{**asdict(one), "share_fraction": one.share_fraction} for one in overhead]
        print_json({"problems": problems, "findings": findings, "overhead": {"method": METHOD, "iterations": shares}})
        return int(problems > 0)
    for finding in findings:
        mark = {"ok": " ", "note": "-", "problem": "!"}[finding.kind]
        print(f"{mark} {finding.topic}: {finding.text if finding.text.isprintable() else json.dumps(finding.text)}")
    print("nothing is wrong" if not problems else f"{problems} wrong: the lines marked !")
    return int(problems > 0)


def _overhead(recorded: RecordedHome) -> list[Overhead]:
    ended = [one for one in recorded.iterations if one.ended_at is not None][-LAST_ITERATIONS:]
    return estimate_overhead(ended, recorded.segments, measure_call_seconds()) if ended else []


def _overhead_findings(overhead: list[Overhead]) -> Iterator[Finding]:
    for one in overhead:
        share = "it has no length" if one.share_fraction is None else format_fraction(one.share_fraction)
        yield Finding(
            "overhead",
            "ok",
            f"{one.iteration} ({one.name}): {one.calls:,} calls, {one.hook_seconds * 1e3:,.2f} ms of "
            f"{format_seconds(one.wall_clock_seconds)}: {share}",
        )
    if overhead:
        yield Finding("overhead", "ok", f"estimated: {METHOD}")


def _switches() -> Iterator[Finding]:
    if is_switched_off():
        yield Finding("switches", "note", "TRACKER_OFF is set here: nothing is recorded")
    is_on = os.environ.get("TRACKER_AUTOSYNC", "").strip().lower() not in ("0", "false", "no")
    state = "on" if is_on else "off, TRACKER_AUTOSYNC says so: run `python -m tracker sync` yourself"
    yield Finding("switches", "ok" if is_on else "note", f"syncing at the end of an iteration is {state}")


def _gaps(home: Path) -> Finding:
    try:
        rule = read_rule(home)
    except (ValueError, OSError) as error:
        return Finding("gaps", "problem", f"TRACKER_GAPS or {FILE}: {error}; the default rule holds")
    text = f"where nobody wrote phases down, {rule.in_words()}; TRACKER_GAPS or [gaps] in {home / FILE} changes it"
    return Finding("gaps", "ok", text)


def _versions() -> Finding:
    found = ", ".join(f"{name} {_version(name)}" for name in PLATFORM)
    text = f"loopgauge {__version__}, journal schema {SCHEMA}, Python {platform.python_version()}, {found}"
    return Finding("versions", "ok", text)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
