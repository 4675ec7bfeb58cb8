"""The numbers as Markdown, and the part of the benchmark page that they fill."""

from pathlib import Path
from typing import Any

BEGIN = "<!-- bench-hook: written by `make bench-hook`, not by hand -->"
END = "<!-- end of bench-hook -->"

RATIO_TARGET = 1.1
OURS = "Loopgauge"


def write_page(path: Path, results: dict[str, Any]) -> None:
    """Replaces what stands between the markers."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} must hold the lines {BEGIN!r} and {END!r}; between them the results are written")
    path.write_text(f"{before}{BEGIN}\n\n{format_results(results)}\n{END}{after}", encoding="utf-8")


def format_results(results: dict[str, Any]) -> str:
    """Returns everything between the markers."""
    parts = [_format_origin(results), _format_targets(results), _format_calls(results["calls"])]
    return "\n".join(parts)


def _format_origin(results: dict[str, Any]) -> str:
    machine, source = results["machine"], results["source"]
    changed = " with uncommitted changes" if source["has_uncommitted_changes"] else ""
    return (
        f"Measured {source['date']} at commit `{source['commit']}`{changed} by `{results['command']}`, "
        f"{results['rounds']} rounds, on {machine['cores']} cores ({machine['processor']}), {machine['system']}, "
        f"{machine['file_system']}, Python {machine['python']}, load average {machine['load_average']} at the end.\n"
    )


def _format_targets(results: dict[str, Any]) -> str:
    lines = ["| target | measured | met |", "|---|---|---|"]
    lines += [f"| {target} | {measured} | {'yes' if met else '**no**'} |" for target, measured, met in targets(results)]
    return "\n".join(lines) + "\n"


def targets(results: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Returns each target, what was measured, and whether it is met."""
    rows = [
        (
            f"{row['call']} at most {RATIO_TARGET} times `json.dumps` + `os.write` of the same record",
            f"{_number(row['ratio']['median'])} times",
            row["ratio"]["median"] <= RATIO_TARGET,
        )
        for row in results["calls"]
        if row["tool"] == OURS
    ]
    kills = results["kills"]
    lost = f"{kills['lost']} of {kills['acknowledged']:,} acknowledged events, {kills['kills']} kills"
    return [*rows, ("nothing lost at `kill -9`", lost, kills["lost"] == 0)]


def _format_calls(rows: list[dict[str, Any]]) -> str:
    head = "| tool | call | median µs (lowest-highest) | p99 µs | times `json.dumps` + `os.write` | survived of 1,000 |"
    lines = [head, "|---|---|---:|---:|---:|---:|"]
    for row in rows:
        cells = (
            row["tool"],
            row["call"],
            _spread(row["cost_us"]),
            _number(row["p99_us"]["median"]),
            _number(row["ratio"]["median"]),
            _spread(row["survived"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _spread(values: dict[str, float]) -> str:
    if values["min"] == values["max"]:
        return _number(values["median"])
    return f"{_number(values['median'])} ({_number(values['min'])}-{_number(values['max'])})"


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
