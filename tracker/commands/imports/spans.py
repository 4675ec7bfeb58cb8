"""`import spans`: a spans table, the exchange format."""

import argparse
import tempfile
from pathlib import Path

from tracker.commands.printing import print_json
from tracker.importers.sources import Source
from tracker.importers.spans_file import imported_files, keep, kept_path
from tracker.loops.accepting import accept_spans

SUMMARY = "a spans table, as data/README.md describes it"
EXAMPLE = "import spans loops.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE", help="a .parquet or .csv file")
    parser.add_argument("--json", action="store_true", help="print what was imported as JSON")


def run(options: argparse.Namespace) -> int:
    name = Source("spans", str(options.path.resolve())).name
    own = kept_path(options.home, name)
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder:
        checked = Path(folder) / "spans.parquet"
        manifest = accept_spans(options.path, [path for path in imported_files(options.home) if path != own], checked)
        parquet = checked.read_bytes()
    same = [path for path in imported_files(options.home) if path != own and path.read_bytes() == parquet]
    is_replaced = own.exists()
    if same:
        own.unlink(missing_ok=True)
    else:
        keep(parquet, options.home, name)
    _print(options, manifest.iterations, manifest.rows["spans"], is_replaced=is_replaced, same=same)
    return 0


def _print(options: argparse.Namespace, iterations: int, spans: int, *, is_replaced: bool, same: list[Path]) -> None:
    if options.json:
        print_json({"kind": "spans", "iterations": iterations, "spans": spans, "replaced": is_replaced})
    elif same:
        print(f"{spans} spans of {iterations} iterations are imported already, as {same[0].name}")
    else:
        again = ", in place of an earlier import of this file" if is_replaced else ""
        print(f"{spans} spans of {iterations} iterations imported{again}; run `python -m tracker refresh`")
