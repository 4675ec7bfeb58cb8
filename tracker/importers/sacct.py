"""Slurm's own record of past jobs: saved output of `sacct --parsable2` (https://slurm.schedmd.com/sacct.html)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from tracker.importers.bad_rows import BadRow, BadValue
from tracker.importers.cleaning import clean_text
from tracker.importers.drafts import Draft
from tracker.importers.jobs import JOB_RECORDS, job_table, step_table
from tracker.importers.meter import Meter
from tracker.importers.people import Pseudonyms
from tracker.importers.sacct_rows import NEEDED, SacctSettings, read_line
from tracker.importers.text_rows import PART_ROWS, Lines, Row, open_text

# Fields in which users write what they like, a separator too.
_FREE_TEXT = ("JobName", "Comment", "AdminComment", "SystemComment", "SubmitLine", "WorkDir", "Reason")
_LINES = pa.schema([*JOB_RECORDS, ("step", pa.string()), ("line", pa.int64())])


@dataclass(frozen=True)
class SacctHistory:
    """Jobs and their steps, and how many lines were read."""

    jobs: pa.Table
    steps: pa.Table
    lines: int


def read_sacct(
    path: Path, separator: str, settings: SacctSettings, people: Pseudonyms, draft: Draft, meter: Meter
) -> SacctHistory:
    """Reads saved output of sacct.

    Raises:
        ValueError: Its first line does not name the fields that are needed.
    """
    rows = _rows(path, separator, meter)
    tables, lines = [_LINES.empty_table()], 0
    while block := list(islice(rows, PART_ROWS)):
        tables.append(draft.part(len(tables) - 1, _convert(block, settings, people)))
        lines += len(block)
    records = pa.concat_tables(tables).to_pylist()
    jobs = _attempts(record for record in records if not record["step"])
    steps = _steps((record for record in records if record["step"]), jobs)
    return SacctHistory(job_table(job for attempts in jobs.values() for job in attempts), step_table(steps), lines)


def _rows(path: Path, separator: str, meter: Meter) -> Iterator[Row]:
    meter.expect(path.stat().st_size, "bytes")
    with open_text(path, newline="\n") as file:
        lines = Lines(file, meter)
        header = _header(first := next(iter(lines), ""), separator, path)
        # --parsable ends each line with a separator, its first too.
        is_closed = first.rstrip("\r\n").endswith(separator)
        lines.take_row()
        for line in lines:
            number, raw = lines.take_row()
            if line.strip() and line.strip() != first.strip():  # of several outputs one after another, each has its own
                yield _row(number, raw, header, separator, is_closed)


def _header(line: str, separator: str, path: Path) -> list[str]:
    names = [name.strip() for name in line.rstrip("\r\n").removesuffix(separator).split(separator)]
    known = {name.lower(): name for name in (*NEEDED, "Submit", "Eligible", "JobName", "User", "Account", "Cluster")}
    names = [known.get(name.lower(), name) for name in names]
    if "JobID" not in names and "JobIDRaw" in names:
        names[names.index("JobIDRaw")] = "JobID"
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise ValueError(
            f"the first line of {path.name} names no {', '.join(missing)}; save it with: "
            "sacct --parsable2 --duplicates "
            "--format=JobID,JobName,User,Account,Partition,State,Submit,Eligible,Start,End,ExitCode,AllocTRES,NTasks"
        )
    return names


def _row(number: int, raw: str, header: list[str], separator: str, is_closed: bool) -> Row:
    cells = raw.split(separator)
    if is_closed and len(cells) > len(header) and not cells[-1]:
        cells.pop()
    if len(cells) > len(header):
        cells = _with_separator_in_text(cells, header, separator)
    if len(cells) != len(header):
        return Row(number, raw, None, f"has {len(cells)} fields, the first line names {len(header)}")
    return Row(number, raw, dict(zip(header, cells, strict=True)))


def _with_separator_in_text(cells: list[str], header: list[str], separator: str) -> list[str]:
    """Puts a free text together again that has the separator in it, where the header has exactly one such field."""
    free = [name for name in header if name in _FREE_TEXT]
    if len(free) != 1:
        return cells
    place, surplus = header.index(free[0]), len(cells) - len(header)
    return [*cells[:place], separator.join(cells[place : place + surplus + 1]), *cells[place + surplus + 1 :]]


def _convert(block: list[Row], settings: SacctSettings, people: Pseudonyms) -> Callable[[list[BadRow]], pa.Table]:
    def make(bad: list[BadRow]) -> pa.Table:
        records: list[dict[str, Any]] = []
        for row in block:
            try:
                if row.cells is None:
                    raise BadValue(row.reason)
                record = read_line(row.cells, settings, people)
            except BadValue as error:
                bad.append(BadRow(row.line, str(error), clean_text(row.raw, 100_000)))
                continue
            if record is not None:
                records.append({**dict.fromkeys(_LINES.names), "is_job": True, "line": row.line, **record})
        return pa.Table.from_pylist(records, _LINES)

    return make


def _attempts(records: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Returns the attempts of each job in order. A requeued job is written again with a new Submit.

    The same attempt in a later line of the file is what became of it: of a pending job that it ran, of a running one
    that it ended.
    """
    found: dict[tuple[str, str], dict[tuple[int, int | None], dict[str, Any]]] = {}
    for record in records:
        attempts = found.setdefault((record["study"], record["job"]), {})
        attempts.pop((record["launched_us"], None), None)
        attempts[record["launched_us"], record["started_us"]] = record
    jobs = {}
    for key, attempts in found.items():
        in_order = sorted(attempts.values(), key=lambda record: (record["launched_us"], record["enabled_us"]))
        jobs[key] = [_numbered(record, number, len(in_order)) for number, record in enumerate(in_order, 1)]
    return jobs


def _numbered(record: dict[str, Any], number: int, count: int) -> dict[str, Any]:
    if count == 1:
        return record
    job = record["job"] if number == 1 else f"{record['job']}#{number}"
    return {**record, "job": job, "attempt": number}


def _steps(
    records: Iterable[dict[str, Any]], jobs: dict[tuple[str, str], list[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """Yields steps as stages of the attempt that they began in, cut to it."""
    latest = {(one["study"], one["job"], one["step"], one["started_us"]): one for one in records}
    for (study, job, step, started), record in latest.items():
        ran = [one for one in jobs.get((study, job), ()) if one["started_us"] is not None]
        if started is None or not ran:
            continue  # a step that never began, or of a job that is not in the file
        whole = next((one for one in reversed(ran) if one["started_us"] <= started), ran[0])
        begin = max(started, whole["started_us"])
        ends = [end for end in (record["ended_us"], whole["ended_us"]) if end is not None]
        if ends and min(ends) < begin:
            continue
        instants = {"started_us": begin, "ended_us": min(ends, default=None)}
        words = {"study": study, "job": whole["job"], "step": f"{step} {begin}", "name": record["name"]}
        yield {**words, **instants, "status": record["status"] if ends else "open"}
