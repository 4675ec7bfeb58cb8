"""The measured figures as Markdown, beside what was to be reached."""

from __future__ import annotations

from typing import Any

# (what, n) → seconds to reach, and the peak of memory in bytes where one is asked for.
TARGETS = {("MLflow", 20_000): (0.5, None), ("events", 1_000_000): (1.0, None), ("events", 10_000_000): (10.0, 4e9)}
RATIO = 25.0
SEARCH_RUNS_SECONDS = 12.8  # of `mlflow.search_runs` on the machine that the targets were set on
MINING_RATIO = 4.0

HEAD = """# Benchmarks of the loops

`make bench-loops` measures how fast records become marts, each subject in a process of its own after a first small run.
Nothing below is typed by hand. An event is what the hook writes down: a start, an end, a submission or a decision; ten
spans (one iteration of four phases, two parallel jobs, two stages and a decision) are 21 events. A refresh means all
marts: read, built, checked, written as Parquet and published; the events lie in a spans table as `import` leaves it.
`import` is what it does before that with a table in the order of time, once; `one change` a refresh when one iteration
came since the last snapshot. People record 20,000 events each. Processor seconds stand beside the wall-clock, because
other programs on the machine lengthen the one more than the other. The peak of memory is that of a whole process.
"""


def format_page(measured: dict[str, Any]) -> str:
    """Returns the whole page."""
    machine, source = measured["machine"], measured["source"]
    lines = [
        HEAD,
        f"Measured {source['date']} at commit `{source['commit']}`, {machine['cores']} cores ({machine['processor']}), "
        f"load average {machine['load_average']} before the page was written, medians of {measured['rounds']} rounds"
        f"{_priority(measured['nice'])}"
        f"{' at a hundredth of the size: these figures mean nothing' if measured['quick'] else ''}.",
        "",
        "| what | n | subject | wall-clock s | processor s | peak memory MB | to reach | met |",
        "|---|---:|---|---:|---:|---:|---|---|",
    ]
    rows = [row for row in measured["rows"] if row["subject"] != "steps"]
    lines += [_format_row(row) for row in rows]
    lines += ["", *_growth(rows), "", *_ratio(rows), *_mining(rows), *_steps(measured), *_missing(measured)]
    return "\n".join(lines) + "\n"


def _priority(nice: int) -> str:
    return f", at priority {nice} (nice; 0 is everybody's)" if nice else ""


def _format_row(row: dict[str, Any]) -> str:
    to_reach, met = "", ""
    if row["subject"] == "refresh" and (row["what"], row["n"]) in TARGETS:
        seconds, peak = TARGETS[row["what"], row["n"]]
        to_reach = f"{seconds:g} s" + (f", {peak / 1e9:g} GB" if peak else "")
        met = _met(row["wall_seconds"] <= seconds)
        if peak:
            met = f"time {met}, memory {_met(row['peak_bytes'] <= peak)}"
    cells = (
        row["what"], f"{row['n']:,}", row["subject"], f"{row['wall_seconds']:.2f}", f"{row['processor_seconds']:.2f}",
        f"{row['peak_bytes'] / 1e6:,.0f}" if row["peak_bytes"] else "", to_reach, met,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _met(is_met: bool) -> str:
    return "yes" if is_met else "**no**"


def _growth(rows: list[dict[str, Any]]) -> list[str]:
    """Shows the figure, and says what a thousand times the events and fifty times the people cost."""
    lines = ["![Seconds and memory of a refresh over events and over people](loops/growth.svg)"]
    for what in ("events", "people"):
        grown = [row for row in rows if row["what"] == what and row["subject"] == "refresh"]
        if len(grown) > 1:
            first, last = grown[0], grown[-1]
            times = {kind: last[kind] / first[kind] for kind in ("n", "processor_seconds", "peak_bytes")}
            lines += [
                "",
                f"{times['n']:,.0f} times the {what}, {first['n']:,} to {last['n']:,}: a refresh of all costs "
                f"{times['processor_seconds']:.1f} times the processor seconds and {times['peak_bytes']:.1f} times the "
                "memory.",
            ]
    return lines


def _ratio(rows: list[dict[str, Any]]) -> list[str]:
    wall = {row["subject"]: row["wall_seconds"] for row in rows if row["what"] == "MLflow"}
    processor = {row["subject"]: row["processor_seconds"] for row in rows if row["what"] == "MLflow"}
    ratio = wall["search_runs"] / wall["refresh"]
    said = "reached" if ratio >= RATIO else "**not reached**"
    return [
        f"All marts of the MLflow store take 1/{ratio:.1f} of what `mlflow.search_runs` alone does; "
        f"to reach: 1/{RATIO:g}, {said}. "
        f"In processor seconds it is 1/{processor['search_runs'] / processor['refresh']:.1f}.",
        *_scaled(rows, wall["search_runs"]),
    ]


def _scaled(rows: list[dict[str, Any]], search_runs: float) -> list[str]:
    """Tells the seconds of the targets' rows on the machine that the targets were set on."""
    scaled = [
        f"{row['wall_seconds'] * SEARCH_RUNS_SECONDS / search_runs:.2f} s of {_size(row)}"
        for row in rows
        if row["subject"] == "refresh" and (row["what"], row["n"]) in TARGETS
    ]
    return scaled and [
        "",
        f"The seconds to reach were set where `search_runs` took {SEARCH_RUNS_SECONDS:g} s; here it took "
        f"{search_runs:.1f}. Were all else as much faster there, a refresh would take {', '.join(scaled)}.",
    ]


def _mining(rows: list[dict[str, Any]]) -> list[str]:
    """Compares the ways to the performance DFG."""
    ways = {row["subject"]: row for row in rows if row["what"] == "performance DFG"}
    if "pm4py" not in ways:
        return ["", "PM4Py was not there to compare with: `make bench-loops` installs it in an environment of its own."]
    wall, processor = (ways["pm4py"][kind] / ways["duckdb"][kind] for kind in ("wall_seconds", "processor_seconds"))
    same = "gave the same answers" if all(row["is_same_answer"] for row in ways.values()) else "**DID NOT AGREE**"
    said = "reached" if wall >= MINING_RATIO else "**not reached**"
    return [
        "",
        f"The performance DFG, read from Parquet: PM4Py takes {wall:.1f}x the wall-clock of DuckDB and "
        f"{processor:.1f}x its processor seconds; to reach: {MINING_RATIO:g}x, {said}. All ways {same}.",
    ]


def _steps(measured: dict[str, Any]) -> list[str]:
    """Shows where the processor seconds go: two cores cannot take less than half of them."""
    profiles = [row for row in measured["rows"] if row["subject"] == "steps"]
    if not profiles:
        return []
    steps = sorted({step for row in profiles for step in row["rows"]})
    steps.sort(key=lambda step: -profiles[-1]["rows"].get(step, 0.0))
    sums = [sum(row["rows"].values()) for row in profiles]
    halves = [f"{total / 2:.2f} s of {_size(row)}" for total, row in zip(sums, profiles, strict=True)]
    cells = {step: [f"{row['rows'].get(step, 0.0):.3f}" for row in profiles] for step in steps}
    cells["together"] = [f"{total:.3f}" for total in sums]
    return [
        "",
        "## Where the processor seconds of a refresh go",
        "",
        "The steps one after another, in the process of one round; *writing* makes a mart and writes it. However they "
        f"lie beside each other, two cores cannot take less than half of the sum: {', '.join(halves)}.",
        "",
        f"| step | {' | '.join(map(_size, profiles))} |",
        f"|---|{'---:|' * len(profiles)}",
        *(f"| {step} | {' | '.join(seconds)} |" for step, seconds in cells.items()),
    ]


def _size(row: dict[str, Any]) -> str:
    return f"{row['n']:,} {'runs of MLflow' if row['what'] == 'MLflow' else row['what']}"


def _missing(measured: dict[str, Any]) -> list[str]:
    """Says which targets were not measured in this run."""
    found = {(row["what"], row["n"]) for row in measured["rows"]}
    missing = [f"{what} {n:,}" for what, n in TARGETS if (what, n) not in found]
    return ["", f"Not measured in this run: {', '.join(missing)}."] if missing else []
