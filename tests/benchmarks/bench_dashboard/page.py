"""The measured figures as Markdown, beside what was to be reached."""

from __future__ import annotations

import statistics
from typing import Any

PAGE_SECONDS = 2.0
CONTROL_MS = 300.0

FIRST = ", with the largest share of it that the kernel gives (`--first`)"

HEAD = """# Benchmarks of the dashboard

`make bench-dashboard` looks at the pages in Debian's Chromium and times them by the page's own clock; nothing below is
typed by hand. A page has come when nothing in it changes any more: charts and tables drawn, no spinner, the script at
rest. *First* is the first view of that page by anybody since the server was started, with nothing in its caches but
what the pages above left there; *later* are sessions of new users after it, without the browser's cache. Starting the
server is in neither, nor what the browser does for each new window. *Waited* is how long the browser's threads, all
together, were ready to run while others had the cores. The *floor* is the same of a page of Streamlit's that has
nothing to compute, with a sentence alone or with a slider and a chart of 31 points, in the same browser just before;
how many times as long a page of ours takes as the one with a chart stands beside its seconds.
"""


def format_page(measured: dict[str, Any]) -> str:
    """Returns the whole page."""
    machine, source = measured["machine"], measured["source"]
    about = (
        f"Measured {source['date']} at commit `{source['commit']}`, {machine['cores']} cores ({machine['processor']}), "
        f"load average {machine['load_average']} before, Chromium {measured['browser']}, server and browser on the "
        f"same machine{FIRST if measured['first'] else ''}; a store of {measured['iterations']:,} iterations."
    )
    parts = (_pages(measured), _floor(measured), _control(measured), _crowd(measured))
    return "\n".join([HEAD, about, *(line for part in parts for line in ("", *part))]) + "\n"


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -(-int(share * 1_000) * len(ranked) // 1_000) - 1)]


def _pages(measured: dict[str, Any]) -> list[str]:
    lines = [
        f"## Pages, to reach: {PAGE_SECONDS:g} s",
        "",
        f"| page | charts | first s | later s, median of {measured['rounds']} | slowest s | later met | first met "
        "| of the floor with a chart | processor s: browser | server | waited s |",
        "|---|---:|---:|---:|---:|---|---|---:|---:|---:|---:|",
    ]
    floor = statistics.median(measured["floor"]["pages"][-1]["seconds"])
    for row in measured["pages"]:
        median, slowest = statistics.median(row["seconds"]), max(row["seconds"])
        met = [_met(seconds <= PAGE_SECONDS) for seconds in (median, row["first_seconds"])]
        costs = [f"{median / floor:.1f}x", *_costs(row)]
        times = (f"{row['first_seconds']:.2f}", f"{median:.2f}", f"{slowest:.2f}")
        cells = (row["name"], row["charts"], *times, *met, *costs)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def _floor(measured: dict[str, Any]) -> list[str]:
    lines = [
        "## The floor: Streamlit itself",
        "",
        f"| page | first s | later s, median of {measured['rounds']} | slowest s | processor s: browser | server "
        "| waited s |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in measured["floor"]["pages"]:
        seconds = (row["first_seconds"], statistics.median(row["seconds"]), max(row["seconds"]))
        lines.append(f"| {' | '.join([row['name'], *(f'{each:.2f}' for each in seconds), *_costs(row)])} |")
    return lines


def _costs(row: dict[str, Any]) -> list[str]:
    names = ("browser_processor_seconds", "server_processor_seconds", "browser_waited_seconds")
    return [f"{statistics.median(row[name]):.2f}" for name in names]


def _control(measured: dict[str, Any]) -> list[str]:
    control = measured["control"]
    lines = [
        f"## Moving a control of the what-if, to reach: {CONTROL_MS:g} ms at the 95th percentile",
        "",
        f"{measured['moves']} steps of k, each from the key to the last change:",
        "",
        "| until | median ms | p95 ms | slowest ms | met |",
        "|---|---:|---:|---:|---|",
    ]
    rows = (
        ("the new chart is drawn", control["to_chart_ms"]),
        ("the whole page is at rest", control["to_rest_ms"]),
        ("the new chart, of a k seen before", control["seen_before_to_chart_ms"]),
        ("the floor: Streamlit's own page with a chart", measured["floor"]["control"]["to_chart_ms"]),
    )
    for words, values in rows:
        met = _met(percentile(values, 0.95) <= CONTROL_MS) if values is control["to_chart_ms"] else ""
        cells = (f"{statistics.median(values):.0f}", f"{percentile(values, 0.95):.0f}", f"{max(values):.0f}", met)
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return lines


def _crowd(measured: dict[str, Any]) -> list[str]:
    crowd = measured["crowd"]
    lines = [
        f"## {measured['viewers']} viewers at once",
        "",
        "Each in a session of its own, all in one browser on this machine, so that most of the time is the browser's:",
        "",
        "| page | median s | p95 s | slowest s | server's processor s a view |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in ("Overview", "What-if"):
        seconds = crowd[name]["seconds"]
        each = crowd[name]["server_processor_seconds"] / len(seconds)
        cells = (statistics.median(seconds), percentile(seconds, 0.95), max(seconds), each)
        lines.append(f"| {name} | {' | '.join(f'{cell:.2f}' for cell in cells)} |")
    errors = crowd["errors"]
    return [*lines, "", f"Errors in their consoles: {len(errors)}."]


def _met(is_met: bool) -> str:
    return "yes" if is_met else "**no**"
