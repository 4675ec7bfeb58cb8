"""The numbers as Markdown, and the part of the benchmark page that they fill."""

from pathlib import Path
from typing import Any

BEGIN = "<!-- bench-hook: written by `make bench-hook`, not by hand -->"
END = "<!-- end of bench-hook -->"

RATIO_TARGET = 1.1
IMPORT_TARGET_MS = 20
SHARE_TARGET_FRACTION = 0.001
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
    parts = [
        _format_origin(results),
        _format_targets(results),
        _format_calls(results["calls"]),
        _format_floors(results),
    ]
    if "parts" in results:
        parts.append(_format_parts(results["parts"]))
    if "share" in results:
        parts.append(_format_share(results["share"], results["machine"]["load_average"]))
    return "\n".join(parts)


def _format_origin(results: dict[str, Any]) -> str:
    machine, source, rounds = results["machine"], results["source"], results["rounds"]
    changed = " with uncommitted changes" if source["has_uncommitted_changes"] else ""
    lines = [
        f"Measured {source['date']} at commit `{source['commit']}`{changed} by `{results['command']}`, in alternation:",
        f"{rounds['ours']} rounds of our calls and the floors, {rounds['peers']} of the other tools.",
        f"Machine: {machine['cores']} cores ({machine['processor']}), {machine['system']}, {machine['file_system']},",
        f"Python {machine['python']}, load average {machine['load_average']} before it began.",
    ]
    if results["versions"]:
        lines.append(
            f"Versions: {', '.join(f'{name} {number}' for name, number in sorted(results['versions'].items()))}."
        )
    lines += [f"Left out: {name} ({reason})." for name, reason in results["left_out"].items()]
    return "\n".join(lines) + "\n"


def _format_targets(results: dict[str, Any]) -> str:
    rows = targets(results)
    missed = [target for target, _, met in rows if not met]
    summary = f"{len(rows) - len(missed)} of {len(rows)} targets are met" + (
        f"; {len(missed)} missed." if missed else "."
    )
    lines = [summary, "", "| target | measured | met |", "|---|---|---|"]
    lines += [f"| {target} | {measured} | {'yes' if met else '**no**'} |" for target, measured, met in rows]
    return "\n".join(lines) + "\n"


def targets(results: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Returns each target, what was measured, and whether it is met."""
    kills, above = results["kills"], results["import"]
    lost = f"{kills['lost']} of {kills['acknowledged']:,} acknowledged events in {kills['kills']} kills"
    milliseconds = f"{_number(above['median_ms'])} ms, median of {above['pairs']} pairs"
    rows = [_call_target(row) for row in results["calls"] if row["tool"] == OURS]
    rows.append(("nothing lost when killed with `kill -9` at random points", lost, kills["lost"] == 0))
    is_light = above["median_ms"] <= IMPORT_TARGET_MS
    rows.append((f"`import tracker` at most {IMPORT_TARGET_MS} ms above bare Python", milliseconds, is_light))
    if "share" in results:
        fraction = results["share"]["fraction"]
        target = f"at most {SHARE_TARGET_FRACTION:.1%} of an iteration's wall-clock"
        rows.append((target, f"{fraction:.4%}", fraction <= SHARE_TARGET_FRACTION))
    return rows


def _call_target(row: dict[str, Any]) -> tuple[str, str, bool]:
    ratio = row["ratio"]
    return (
        f"{row['call']} at most {RATIO_TARGET} times `json.dumps` + `os.write` of its record",
        f"{_spread(ratio)} times",
        ratio["median"] <= RATIO_TARGET,
    )


def _format_calls(rows: list[dict[str, Any]]) -> str:
    columns = ("tool", "call", "median µs", "p99 µs", "times `json.dumps` + `os.write`", "after `kill -9`")
    lines = [f"| {' | '.join(columns)} | after an orderly end |", "|---|---|---:|---:|---:|---:|---:|"]
    for row in rows:
        cells = (
            row["tool"],
            row["call"],
            _spread(row["cost_us"]),
            _number(row["p99_us"]["median"]),
            _number(row["ratio"]["median"]),
            _spread(row["survived"]),
            _number(row["found_after_orderly_end"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _format_floors(results: dict[str, Any]) -> str:
    """Our calls beside what the same record costs without us."""
    head = "| our call | ours µs | ready dict µs | dict made afresh µs | times that | bare `os.write` µs |"
    lines = [head, "|---|---:|---:|---:|---:|---:|"]
    for row in results["calls"]:
        if row["tool"] == OURS:
            names = ("cost_us", "json_write_us", "fresh_json_write_us", "ratio_to_fresh", "bare_write_us")
            lines.append(f"| {row['call']} | {' | '.join(_spread(row[name]) for name in names)} |")
    return "\n".join(lines) + "\n"


def _format_parts(parts: list[dict[str, Any]]) -> str:
    lines = ["| part of entering a `job` | µs |", "|---|---:|"]
    return "\n".join([*lines, *(f"| {row['part']} | {row['us']:.2f} |" for row in parts)]) + "\n"


def _format_share(share: dict[str, Any], load_average: float) -> str:
    """Calls times cost over wall-clock; and what whole runs say, which is mostly the noise of training."""
    pairs = zip(share["runs_with_hook_seconds"], share["runs_without_hook_seconds"], strict=True)
    differences = ", ".join(f"{(on / off - 1):+.1%}" for on, off in pairs)
    return (
        f"Share of the wall-clock: {share['events']} events in {share['iterations']} iterations of the quick study "
        f"`{share['study']}` cost {share['hook_seconds'] * 1_000:.2f} ms of {share['iteration_seconds']:.1f} s. Whole "
        f"runs of it with the hook took {differences} against runs with `TRACKER_OFF=1` and the same seeds: so few "
        f"pairs, at a load average of {load_average}, neither show nor exclude an effect below their spread.\n"
    )


def _spread(values: dict[str, float]) -> str:
    if values["min"] == values["max"]:
        return _number(values["median"])
    return f"{_number(values['median'])} ({_number(values['min'])}-{_number(values['max'])})"


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
