"""The table in the README, made from the stored records alone: `python -m studies table`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studies.prediction.pairs import PAIRS
from studies.prediction.record import PairRecord, read_record
from studies.prediction.scoring import COVERAGE, LARGEST_ERROR, Summary, summarise_all

SUMMARY = "summary.json"
BEGIN = "<!-- predicted and measured: written by `python -m studies table`, figures are never typed in -->"
END = "<!-- end of predicted and measured -->"
CONTROLS = frozenset(pair.change for pair in PAIRS.values() if pair.is_control)


def read_records(folder: Path) -> list[PairRecord]:
    """Those there are, in the order of the registry."""
    found = (read_record(folder, name) for name in PAIRS)
    return [record for record in found if record is not None]


def write_summary(folder: Path, records: Sequence[PairRecord], ledger: dict[str, Any]) -> Summary | None:
    """All pairs together, with the scoreboard that the ledger itself gives beside it."""
    summary = summarise_all(records, CONTROLS)
    body = {"summary": asdict(summary) if summary else None, "ledger": ledger, "conditions": _conditions(records)}
    (folder / SUMMARY).write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    return summary


def write_section(readme: Path, section: str) -> bool:
    """Put the section between its markers; False where it stands there already.

    Raises:
        ValueError: the file has no markers.
    """
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{readme} has no place for the table; put these two lines where it belongs: {BEGIN} {END}")
    new = f"{before}{BEGIN}\n{section}\n{END}{after}"
    if new != text:
        readme.write_text(new, encoding="utf-8")
    return new != text


def format_section(records: Sequence[PairRecord]) -> str:
    """Markdown: what it says, the table, what was refused."""
    summary = summarise_all(records, CONTROLS)
    if summary is None:
        return "No pair has been measured yet: `python -m studies measure`, then `python -m studies score`."
    scored = [record for record in records if record.state == "scored"]
    rest = [_format_refusal(record) for record in records if record.state in ("refused", "failed")]
    header = (
        "| change on workload | predicted (95 % prediction interval) | measured (95 % interval) | error | inside | "
        "width | of the gain | Amdahl of the gain |"
    )
    rows = [_format_row(record) for record in [*_with_change(scored), *_controls(scored)]]
    parts = [format_summary(summary, records), "\n".join([header, "|---|---|---|---|---|---|---|---|", *rows])]
    return "\n\n".join([*parts, "\n".join(rest)] if rest else parts)


def format_summary(summary: Summary, records: Sequence[PairRecord]) -> str:
    share = summary.inside / summary.n
    missing = sum(name not in {record.pair for record in records} for name in PAIRS)
    sentences = [
        f"{summary.n} pairs with a change and {summary.n_controls} controls without one (A/A), made on "
        f"{_format_conditions(records)}.",
        f"{missing} further pairs of the registry have not been made." if missing else "",
        f"Mean error {summary.mean_error:.1%}, largest {summary.largest_error:.1%}; of the controls "
        f"{summary.control_error:.1%}, so up to {summary.allowed_error:.1%} was to be reached: "
        f"{_verdict(summary.mean_error <= summary.allowed_error)}; never above {LARGEST_ERROR:.0%}: "
        f"{_verdict(summary.largest_error <= LARGEST_ERROR)}.",
        f"{summary.inside} of {summary.n} measured speedups lie in their 95 % prediction interval "
        f"({share:.0%}; nine in ten were to be reached: {_verdict(share >= COVERAGE)}), and "
        f"{summary.control_inside} of {summary.n_controls} of the controls. Width, upper end over lower: median "
        f"{summary.median_width:.2f}, largest {summary.largest_width:.2f}.",
    ]
    if summary.gain_error is not None and summary.gain_error_amdahl is not None:
        sentences.append(
            f"As a share of all gains: {summary.gain_error:.1%}; Amdahl's law {summary.gain_error_amdahl:.1%}, "
            '"no change" 100 %.'
        )
    return "\n".join(sentence for sentence in sentences if sentence)


def _format_row(record: PairRecord) -> str:
    forecast, measured = record.forecast["prediction"], record.measured[record.forecast["prediction"]["estimand"]]
    score = record.score
    cells = [
        f"{record.change} on {record.workload}",
        _format_speedup(forecast),
        _format_speedup(measured),
        f"{score['error']:.1%}",
        "yes" if score["is_covered"] else "**no**",
        f"{score['width']:.2f}",
        _format_gain_error(record, "gain_error"),
        _format_gain_error(record, "gain_error_amdahl"),
    ]
    return f"| {' | '.join(cells)} |"


def _format_speedup(found: dict[str, Any]) -> str:
    low, high = found["interval"]
    return f"{found['speedup']:.3f} ({low:.3f}-{high:.3f})"


def _format_gain_error(record: PairRecord, name: str) -> str:
    """Of a gain that the measurement can tell from none; what is within its own interval is no gain to err about."""
    low, high = record.measured[record.forecast["prediction"]["estimand"]]["interval"]
    error = record.score[name]
    return "-" if low <= 1 <= high or error is None else f"{error:.0%}"


def _format_refusal(record: PairRecord) -> str:
    if record.state == "failed":
        return f"- {record.change} on {record.workload} failed: {record.failure.splitlines()[-1]}"
    return f"- {record.change} on {record.workload} refused: {'; '.join(record.equivalence['reasons'])}."


def _with_change(records: Sequence[PairRecord]) -> list[PairRecord]:
    return [record for record in records if record.change not in CONTROLS]


def _controls(records: Sequence[PairRecord]) -> list[PairRecord]:
    return [record for record in records if record.change in CONTROLS]


def _conditions(records: Sequence[PairRecord]) -> dict[str, Any]:
    """What all sessions share, and the range of what they do not."""
    sessions = [session for record in records for session in record.sessions]
    began = [session["began"] for session in sessions if "began" in session]
    if not began:
        return {}
    loads = [load["load_average"][0] for session in sessions for load in session.values()]
    waited = [one for session in sessions if (one := session.get("ended", {}).get("waited_fraction")) is not None]
    return {
        "first": min(one["at"] for one in began),
        "last": max(one["at"] for one in began),
        "commits": sorted({one["commit"] for one in began}),
        "devices": sorted({one["device"] for one in began}),
        "systems": sorted({one["system"] for one in began}),
        "versions": began[-1]["versions"],
        "load_average": [min(loads), max(loads)],
        "waited_fraction": [min(waited), max(waited)] if waited else None,
        "niceness": sorted({one["niceness"] for one in began}),
        "table_versions": sorted({record.version for record in records}),
    }


def _format_conditions(records: Sequence[PairRecord]) -> str:
    found = _conditions(records)
    if not found:
        return "unknown conditions"
    low, high = found["load_average"]
    version = ", ".join(map(str, found["table_versions"]))
    waited = found["waited_fraction"]
    return (
        f"{found['first'][:10]}, version {version}, at commit {', '.join(found['commits'])} "
        f"({'; '.join(found['devices'])}; torch "
        f"{found['versions'].get('torch', 'unknown')}; load average {low:.1f} to {high:.1f}"
        + (f"; {waited[0]:.1%} to {waited[1]:.1%} of the time able to run but without a core)" if waited else ")")
    )


def _verdict(reached: bool) -> str:
    return "reached" if reached else "missed"
