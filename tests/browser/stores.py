"""Homes that the pages are looked at with: an empty one, the recorded sample, and a hundred thousand iterations."""

import shutil
from importlib.resources.abc import Traversable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from tracker.capture.home import create_home, person_pseudonym
from tracker.loops.refresh import refresh

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLE = REPOSITORY / "data" / "recorded_loops.parquet"
MANY_SQL = REPOSITORY / "tests" / "benchmarks" / "bench_loops" / "events.sql"
MANY = 100_000


def make_empty(home: Path) -> Path:
    """A home in which nothing was ever recorded."""
    home.mkdir(mode=0o700)
    return home


def make_sample(home: Path) -> Path:
    """The recorded loops that come with the project, as an import of one's own."""
    return _imported(home, SAMPLE)


def make_many(home: Path, iterations: int = MANY) -> Path:
    """One person's toy and real iterations, of ten spans each, in twenty studies, a tool in both arms."""
    create_home(home)
    spans = home.with_name(f"{home.name}-made.parquet")
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    asked = f"select * replace ('{person_pseudonym(home)}' as person) from ({MANY_SQL.read_text(encoding='utf-8')})"
    made = connection.execute(asked, {"iterations": iterations}).to_arrow_reader(100_000)
    with pq.ParquetWriter(spans, made.schema, compression="zstd") as file:
        for batch in made:
            file.write_batch(batch)
    return _imported(home, spans)


def _imported(home: Path, spans: Path | Traversable) -> Path:
    (home / "imports").mkdir(parents=True, mode=0o700)
    shutil.copyfile(str(spans), home / "imports" / "spans-made.parquet")
    refresh(home)
    return home
