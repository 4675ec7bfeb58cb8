"""What `python -m studies predict | measure | score | table` do."""

import argparse
import signal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console

from studies.prediction.ledger import export_spans, score_forecasts
from studies.prediction.pairs import PAIRS, Pair
from studies.prediction.record import read_record
from studies.prediction.runner import TableRun, claim_home, left_to_do, run_pairs
from studies.prediction.scoring import score_pair
from studies.prediction.table import format_section, read_records, write_section, write_summary
from studies.progress import format_remaining, show_progress

LOOPS = "loops.parquet"  # spans of every pair's loops, beside the records


def chosen_pairs(names: list[str]) -> list[Pair]:
    """All where none is named.

    Raises:
        SystemExit: a name is none of a pair.
    """
    unknown = sorted(set(names) - set(PAIRS))
    if unknown:
        raise SystemExit(f"no pair named {', '.join(unknown)}; there are {', '.join(PAIRS)}")
    return [PAIRS[name] for name in names] or list(PAIRS.values())


def run_table(console: Console, options: argparse.Namespace) -> int:
    """`predict` and `measure`; 1 where a pair failed. A request to end (SIGTERM) is as good as Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = TableRun(
        options.home, options.folder, options.size, options.device, options.core, options.command == "predict"
    )
    pairs = chosen_pairs(options.pairs)
    claim_home(run.home)
    left = left_to_do(run, pairs)
    seconds = [pair.expected_seconds for pair in left]
    console.print(f"{len(pairs) - len(left)} of {len(pairs)} pairs are done; {format_remaining(sum(seconds))}.")
    with show_progress(console, seconds, unit="pairs") as progress:
        failed = run_pairs(run, left, progress)
    if failed:
        console.print(f"Failed, the others went on: {', '.join(failed)}. Run again to try them again.")
    return int(bool(failed))


def score_table(console: Console, options: argparse.Namespace) -> int:
    """`score`: every measured pair from the spans of the home, which are kept beside the records.

    Raises:
        SystemExit: a pair was measured in another home; nothing is written.
    """
    found = [(pair, read_record(options.folder, pair.name)) for pair in chosen_pairs(options.pairs)]
    measured = [(pair, record) for pair, record in found if record and record.state in ("measured", "scored")]
    options.folder.mkdir(parents=True, exist_ok=True)
    spans = export_spans(options.home, options.home / "spans.parquet")
    elsewhere = {pair.name for pair, _ in measured}.difference(spans["study"].unique().to_pylist())
    if elsewhere:
        raise SystemExit(
            f"{options.home} has no loops of {', '.join(sorted(elsewhere))}: name the home where they were measured "
            "with --home, or remove their records to measure them again"
        )
    for pair, record in measured:
        if score_pair(pair, record, spans):
            record.save(options.folder)
            console.print(f"{pair.name}: error {record.score['error']:.1%}", highlight=False)
        else:
            console.print(f"{pair.name}: {record.measured}")
    pq.write_table(_of_pairs(spans), options.folder / LOOPS, compression="zstd")
    records = read_records(options.folder)
    write_summary(options.folder, records, score_forecasts(options.home))
    console.print(format_section(records), soft_wrap=True)
    return 0


def write_table(console: Console, options: argparse.Namespace) -> int:
    """`table`: the README's section from the stored records."""
    changed = write_section(options.readme, format_section(read_records(options.folder)))
    console.print(f"{options.readme} {'was written' if changed else 'is as it should be'}")
    return 0


def _of_pairs(spans: pa.Table) -> pa.Table:
    """The loops of pairs, without warm-ups and pilots; columns that hold nothing are left out."""
    kept = spans.filter(pc.is_in(spans["study"], value_set=pa.array(list(PAIRS))))
    filled = [name for name in kept.column_names if kept[name].null_count < len(kept)]
    return kept.select(filled)
