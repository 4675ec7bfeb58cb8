"""`import csv` and `import parquet`: any table with a start and an end, or with lengths."""

import argparse
from pathlib import Path

from tracker.commands.imports.taking_in import Reading, add_common_arguments, take_in
from tracker.importers.cleaning import clean_text
from tracker.importers.column_map import GRAMMAR, ColumnMap, parse_map
from tracker.importers.drafts import Draft
from tracker.importers.instants import UNITS, Zone, read_instant
from tracker.importers.mapped_rows import BASELINE, CHANGED, Defaults, RowReader
from tracker.importers.mapped_table import read_columns, read_mapped, read_rows
from tracker.importers.meter import Meter
from tracker.importers.people import Pseudonyms
from tracker.importers.sources import file_source

SUMMARY = "any table with a start and an end, or lengths, by --map"
EXAMPLE = "import csv jobs.csv --map iteration=job_id enabled=submit_time started=start_time ended=end_time"
EXAMPLE_PARQUET = "import parquet turns.parquet --map seconds=write_s+review_s person=author tool.assistant=used_ai"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE", help="the table; its first row names the columns")
    parser.add_argument(
        "--map", action="extend", nargs="+", required=True, metavar="FIELD=COLUMN", help=f"what a column is: {GRAMMAR}"
    )
    parser.add_argument("--study", help="where no column says it; the file's name by default")
    parser.add_argument("--regime", default="", help="where no column says it: toy, real or a label of yours")
    parser.add_argument("--kind", choices=("job", "phase", "iteration"), help="what a row was, when it has no parts")
    parser.add_argument(
        "--arm", action="append", default=[], metavar="TOOL=ARM", help="of every row: changed, baseline"
    )
    parser.add_argument("--changed", action="append", metavar="VALUE", help="of an arm's column; True, 1, yes, changed")
    parser.add_argument(
        "--baseline", action="append", metavar="VALUE", help="of an arm's column; False, 0, no, baseline"
    )
    parser.add_argument("--timezone", default="UTC", help="of times that name none: UTC, local, Europe/Berlin, …")
    parser.add_argument(
        "--unit", default="seconds", choices=tuple(UNITS), help="of instants that are numbers since 1970"
    )
    parser.add_argument(
        "--begin", default="1970-01-01", help="where the first row lies when there are lengths alone (UTC)"
    )
    parser.add_argument("--empty-is-zero", action="store_true", help="an empty cell among columns to add up counts 0")
    parser.add_argument("--evidence", default="imported", choices=("imported", "self-report"), help="who says so")
    parser.add_argument("--me", default="", metavar="PERSON", help="the value of the person's column that is you")
    parser.add_argument("--delimiter", default=",", help="between cells of a CSV file")
    add_common_arguments(parser)


def run(options: argparse.Namespace) -> int:
    if (options.path.suffix.lower() == ".parquet") != (options.kind_of_source == "parquet"):
        raise ValueError(
            f"{options.path.name} is not named as a {options.kind_of_source} file is; try the other import"
        )
    columns = parse_map(options.map, read_columns(options.path, options.delimiter))
    defaults = _defaults(options, columns)
    source = file_source(options.kind_of_source, options.path, (columns, defaults, options.delimiter, options.me))

    def read(draft: Draft, meter: Meter) -> Reading:
        reader = RowReader(columns, defaults, Pseudonyms(options.home, options.me))
        rows = read_rows(options.path, meter, options.delimiter)
        return Reading(*read_mapped(rows, reader, columns, draft), rule=_rule(columns, defaults))

    return take_in(options, source, read)


def _defaults(options: argparse.Namespace, columns: ColumnMap) -> Defaults:
    return Defaults(
        study=clean_text(options.study or options.path.stem),
        regime=options.regime,
        kind=options.kind or ("job" if "enabled" in columns.instants else "iteration"),
        zone=Zone(options.timezone),
        evidence=options.evidence,
        unit_seconds=UNITS[options.unit],
        changed=_lower(options.changed) or CHANGED,
        baseline=_lower(options.baseline) or BASELINE,
        arms=tuple(_arm(said) for said in options.arm),
        begin=read_instant(options.begin, Zone("UTC")) or 0,
        empty_is_zero=options.empty_is_zero,
    )


def _lower(values: list[str] | None) -> tuple[str, ...]:
    return tuple(value.lower() for value in values or ())


def _arm(said: str) -> tuple[str, str]:
    tool, _, arm = said.partition("=")
    if not tool or arm not in ("changed", "baseline"):
        raise ValueError(f"--arm {said!r} must be TOOL=changed or TOOL=baseline")
    return tool, arm


def _rule(columns: ColumnMap, defaults: Defaults) -> list[str]:
    said = "its parts one after another" if columns.parts else f"counted as {defaults.kind}"
    sentences = [f"a row is an iteration, {said}; rows with the same iteration are one, from first start to last end"]
    if defaults.kind == "iteration" and not columns.parts:
        sentences.append("nothing says what the time was spent on: it is unattributed (--kind job or phase says it)")
    if not columns.instants:
        sentences.append("no instant is known: rows lie one after another, marked inferred; only lengths mean anything")
    else:
        sentences.append(f"times that name no zone are {defaults.zone.name}")
    return sentences
