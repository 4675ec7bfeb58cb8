"""The measured tables as Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench_estimates.tables import TABLES

HEAD = """# Benchmarks of the estimates

`make bench-estimates` measures how fast the estimates are and how near they come to a known truth. It writes this page
and the same numbers as JSON beside it (`estimates/`). Nothing below is typed by hand. One table alone is measured by
`PYTHONPATH=.:tests/benchmarks python -m bench_estimates --only NAME`. The tables of coverage take an hour or two; their
rows are kept one by one (`estimates/*.rows.jsonl`), so a run can be stopped and gone on with. How each estimate is made
stands in [method.md](../method.md).
"""


def write_page(path: Path, folder: Path) -> None:
    """Writes the page from the tables that the folder holds."""
    path.write_text(format_page(read_tables(folder)), encoding="utf-8")


def read_tables(folder: Path) -> dict[str, dict[str, Any]]:
    """Measured tables by name, in the order of the page; those never measured are left out."""
    files = {name: folder / f"{name}.json" for name in TABLES}
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.exists()}


def format_page(tables: dict[str, dict[str, Any]]) -> str:
    """Returns the whole page."""
    parts = [HEAD, *_format_targets(tables)]
    parts += [_format_table(name, table) for name, table in tables.items()]
    return "\n".join(parts)


def _format_targets(tables: dict[str, dict[str, Any]]) -> list[str]:
    rows = [(table["title"], target) for table in tables.values() for target in table["targets"]]
    if not rows:
        return []
    met = sum(target["met"] for _, target in rows)
    lines = ["## Targets", "", f"{met} of {len(rows)} targets are met.", ""]
    lines += ["| table | target | measured | met |", "|---|---|---|---|"]
    for title, target in rows:
        cells = (title, target["target"], target["measured"], "yes" if target["met"] else "**no**")
        lines.append(f"| {' | '.join(cells)} |")
    return ["\n".join(lines) + "\n"]


def _format_table(name: str, table: dict[str, Any]) -> str:
    lines = [
        f"## {table['title']}",
        "",
        _format_origin(name, table["origin"]),
        "",
        f"| {' | '.join(column['heading'] for column in table['columns'])} |",
        f"|{'|'.join('---:' if column['form'] else '---' for column in table['columns'])}|",
    ]
    for row in table["rows"]:
        cells = [_format_cell(value, column["form"]) for value, column in zip(row, table["columns"], strict=True)]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [line for note in table["notes"] for line in ("", note)]
    return "\n".join(lines) + "\n"


def _format_origin(name: str, origin: dict[str, Any]) -> str:
    command = f"(`python -m bench_estimates --only {name} --seed {origin['seed']}`)"
    if "rows" in origin:
        return f"{origin['rows']} {command}"
    machine, source = origin["machine"], origin["source"]
    changed = " with uncommitted changes" if source["has_uncommitted_changes"] else ""
    return (
        f"Measured {source['date']} at commit `{source['commit']}`{changed} {command}, {origin['seconds']:.0f} s on "
        f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}, load average "
        f"{machine['load_average']} before it began."
    )


def _format_cell(value: Any, form: str) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else format(value, form)
