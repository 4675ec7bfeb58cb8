"""Recomputes every number of this report from its data, and says whether all of them are the same.

    python -m pip install -r requirements.txt
    python recompute.py

It reads data/spans.parquet (one row per span, as recorded), data/forecasts.json and data/plans.json, runs the SQL and
the estimators in source/, and compares what they say with report.json, figure by figure and word by word. Exit code 0:
all are the same.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

Report = dict[str, Any]
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "source"))


def main() -> int:
    changed = changed_files()
    for name in changed:
        print(f"changed since it was written: {name}")
    for line in other_versions():
        print(f"another version: {line}; the last digits may differ")
    written = json.loads((HERE / "report.json").read_text(encoding="utf-8"))
    differences = list(compare(body(written), body(recompute(written["request"])), ""))
    for difference in differences[:20]:
        print(f"differs: {difference}")
    print(f"{count_numbers(body(written)):,} numbers recomputed, {len(differences):,} differ")
    return 1 if differences or changed else 0


def changed_files() -> list[str]:
    lines = (HERE / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return [name for digest, _, name in (line.partition("  ") for line in lines) if sha256(HERE / name) != digest]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "not there"


def other_versions() -> list[str]:
    found = []
    for line in (HERE / "requirements.txt").read_text(encoding="ascii").splitlines():
        package, _, written = line.partition("==")
        try:
            here = version(package)
        except PackageNotFoundError:
            here = "not installed"
        if here != written:
            found.append(f"{package} {here}, the report was made with {written}")
    return found


def recompute(request: Report) -> Report:
    from tracker.loops.spans_table import open_spans
    from tracker.reporting.kept_forecasts import read_forecasts
    from tracker.reporting.kept_plans import read_kept_plans
    from tracker.reporting.plain import plain_report
    from tracker.reporting.report import build_report

    report = build_report(
        open_spans(HERE / "data" / "spans.parquet"),
        studies=request["studies"],
        changes=request["changes"] or None,
        level=request["level"],
        seed=request["seed"],
        forecasts=read_forecasts((HERE / "data" / "forecasts.json").read_text(encoding="utf-8")),
        plans=read_kept_plans((HERE / "data" / "plans.json").read_text(encoding="utf-8")),
    )
    again: Report = json.loads(json.dumps(plain_report(report)))
    return again


def body(report: Report) -> Report:
    """What is compared: all but where the report came from, which is another place here."""
    return {key: value for key, value in report.items() if key != "provenance"}


def compare(written: object, again: object, where: str) -> Iterator[str]:
    if isinstance(written, dict) and isinstance(again, dict) and written.keys() == again.keys():
        for key in written:
            yield from compare(written[key], again[key], f"{where}/{key}")
    elif isinstance(written, list) and isinstance(again, list) and len(written) == len(again):
        for number, pair in enumerate(zip(written, again, strict=True)):
            yield from compare(*pair, f"{where}/{number}")
    elif written != again or type(written) is not type(again):
        yield f"{where}: written {str(written)[:200]!r}, recomputed {str(again)[:200]!r}"


def count_numbers(value: object) -> int:
    if isinstance(value, dict):
        return sum(map(count_numbers, value.values()))
    if isinstance(value, list):
        return sum(map(count_numbers, value))
    return int(isinstance(value, int | float) and not isinstance(value, bool))


if __name__ == "__main__":
    sys.exit(main())
