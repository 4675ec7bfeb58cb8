"""Measures the estimates and writes the benchmark page: `python -m bench_estimates [--only speed] [--quick]`.

Tables whose rows take minutes each are measured row by row; rows that are there already are not measured again
(`--again` does), so that a run can be stopped, and shared among processes with `--part 1/2` and `--part 2/2`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from bench_hook.machine import describe_machine, describe_source
from bench_hook.rounds import repository

from bench_estimates.page import format_page, read_tables, write_page
from bench_estimates.stored_rows import describe_origin, keep_latest, measure_rows
from bench_estimates.tables import IN_ROWS, TABLES, Run
from tracker.speedup.truth import NAMED_SETTINGS

REPETITIONS, QUICK_REPETITIONS, QUICK_ROWS = 2_000, 20, 2


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    run = Run(options.quick, options.seed, _say)
    options.json.mkdir(parents=True, exist_ok=True)
    for name in () if options.render else options.only or TABLES:
        if name in IN_ROWS:
            _measure_rows(name, run, options)
        else:
            _write(options.json, name, _measure(name, run))
    if options.part != (1, 1):
        return 0
    for name in IN_ROWS:
        _assemble(name, options)
    sys.stdout.write(format_page(read_tables(options.json)))
    if options.page is not None:
        write_page(options.page, options.json)
    return 0


def _measure(name: str, run: Run) -> dict[str, Any]:
    run.say(f"{name} …")
    machine, begun = describe_machine(), time.perf_counter()
    table = dataclasses.asdict(import_module(TABLES[name]).measure(run))
    origin = {
        "source": describe_source(),
        "machine": machine,
        "seed": run.seed,
        "quick": run.quick,
        "seconds": time.perf_counter() - begun,
    }
    return {"origin": origin, **table}


def _measure_rows(name: str, run: Run, options: argparse.Namespace) -> None:
    run.say(f"{name} …")
    module = import_module(TABLES[name])
    wanted = [cell for cell in module.CELLS if not options.settings or cell.settings in options.settings]
    measure_rows(
        options.json,
        name,
        wanted[:QUICK_ROWS] if run.quick else wanted,
        module.measure_cell,
        repetitions=QUICK_REPETITIONS
        if run.quick
        else min(options.repetitions, getattr(module, "REPETITIONS", options.repetitions)),
        seed=run.seed,
        part=options.part,
        again=options.again,
        minutes=options.minutes,
        say=run.say,
    )


def _assemble(name: str, options: argparse.Namespace) -> None:
    """The table of the rows that are there, if any."""
    module = import_module(TABLES[name])
    rows = keep_latest(options.json, name, module.CELLS)
    if rows:
        is_quick = any(row["repetitions"] <= QUICK_REPETITIONS for row in rows)
        origin = {"rows": describe_origin(rows), "seed": rows[-1]["seed"], "quick": is_quick}
        _write(options.json, name, {"origin": origin, **dataclasses.asdict(module.assemble(rows))})


def _write(folder: Path, name: str, table: dict[str, Any]) -> None:
    (folder / f"{name}.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _part(text: str) -> tuple[int, int]:
    k, slash, of = text.partition("/")
    if not (slash and k.isdigit() and of.isdigit() and 1 <= int(k) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text!r}, must be such as 1/2: the first of two parts")
    return int(k), int(of)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    docs = repository() / "docs" / "benchmarks"
    parser = argparse.ArgumentParser(prog="python -m bench_estimates", description=__doc__)
    parser.add_argument("--only", action="append", choices=tuple(TABLES), help="this table alone; may be repeated")
    parser.add_argument(
        "--settings",
        action="append",
        choices=tuple(NAMED_SETTINGS),
        help="only rows of these settings; may be repeated",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few repetitions: a smoke test, whose figures mean nothing"
    )
    parser.add_argument("--seed", type=int, default=0, help="of every random number")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="studies in a row of the coverage tables")
    parser.add_argument("--part", type=_part, default=(1, 1), metavar="K/N", help="every N-th row, from the K-th")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no further row after so long")
    parser.add_argument("--again", action="store_true", help="measure also the rows that are there")
    parser.add_argument("--json", type=Path, default=docs / "estimates", help="the folder where the numbers go")
    parser.add_argument("--page", type=Path, help="the page to write from all tables in that folder")
    parser.add_argument("--render", action="store_true", help="measure nothing: write the page from what is there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
