"""Where one machine ends, as ARCHITECTURE.md says it: written between two marks there, from what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench_loops.child import READING

BEGIN = "<!-- limits: written by `make bench-loops`, figures are never typed in -->"
END = "<!-- end of limits -->"
MACHINE_BYTES = 16e9  # a laptop's


def write_limits(measured: dict[str, Any], path: Path) -> None:
    """Puts the limits into the document, in place of those before.

    Raises:
        ValueError: The document has no place for them.
    """
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{path.name} has no place for the limits: a line {BEGIN!r}, and later one {END!r}")
    before, _, rest = text.partition(BEGIN)
    path.write_text(f"{before}{BEGIN}\n{format_limits(measured)}{END}{rest.partition(END)[2]}", encoding="utf-8")


def format_limits(measured: dict[str, Any]) -> str:
    """Returns what a refresh costs as events and people grow, and where the memory of a machine is used up."""
    machine, source = measured["machine"], measured["source"]
    grown = [row for row in measured["rows"] if row["what"] in ("events", "people") and row["subject"] == "refresh"]
    more = {(row["what"], row["n"]): row for row in measured["rows"] if row["subject"] == "one change"}
    lines = [
        f"Measured {source['date']} at commit `{source['commit']}` on {machine['cores']} cores "
        f"({machine['processor']}), load average {machine['load_average']}:",
        "",
        "| | a refresh of all: wall-clock s | processor s | peak MB | one iteration more: processor s |",
        "|---|---:|---:|---:|---:|",
        *(_line(row, more.get((row["what"], row["n"]))) for row in grown),
        "",
        _memory([row for row in grown if row["what"] == "events"]),
        *_stages([row for row in measured["rows"] if row["subject"] == "steps" and row["what"] == "events"]),
    ]
    return "\n".join(lines) + "\n"


def _stages(profiles: list[dict[str, Any]]) -> list[str]:
    """Says where the processor seconds of the largest refresh go that was taken apart."""
    if not profiles:
        return []
    largest = max(profiles, key=lambda row: row["n"])
    stages: dict[str, float] = {}
    for step, seconds in largest["rows"].items():
        stages[_stage(step)] = stages.get(_stage(step), 0.0) + seconds
    parts = sorted(stages.items(), key=lambda part: -part[1])
    said = ", ".join(f"{seconds:.2f} s {stage}" for stage, seconds in parts)
    return ["", f"Where the processor seconds of a refresh of {largest['n']:,} events go: {said}."]


def _stage(step: str) -> str:
    if step == READING:
        return step
    if step.startswith("writing "):
        return "making marts and writing them as Parquet"
    return "checking" if step.startswith("checks ") else "accounting"


def _line(row: dict[str, Any], one_change: dict[str, Any] | None) -> str:
    name = f"{row['n']:,} {row['what']}" if row["n"] > 1 else "1 person"
    more = "" if one_change is None else f"{one_change['processor_seconds']:.2f}"
    seconds = f"{row['wall_seconds']:.2f} | {row['processor_seconds']:.2f}"
    return f"| {name} | {seconds} | {row['peak_bytes'] / 1e6:,.0f} | {more} |"


def _memory(events: list[dict[str, Any]]) -> str:
    """Says how many events fit, by the line through the two largest sizes."""
    if len(events) < 2:
        return "One size alone was measured: it says nothing of where memory ends."
    fewer, most = events[-2:]
    slope = (most["peak_bytes"] - fewer["peak_bytes"]) / (most["n"] - fewer["n"])
    fit = most["n"] + (MACHINE_BYTES - most["peak_bytes"]) / slope
    return (
        f"Each million events more takes {slope:,.0f} MB, so that {MACHINE_BYTES / 1e9:g} GB of memory are used up at "
        f"about {round(fit / 1e6):,} million events built at once."
    )
