"""`import mlflow`: runs that were made without the hook."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tracker.commands.imports.bursts import add_burst_arguments, burst_rule, reading_of
from tracker.commands.imports.taking_in import Reading, take_in
from tracker.importers.drafts import Draft
from tracker.importers.jobs import step_table
from tracker.importers.meter import Meter
from tracker.importers.mlflow_database import POSTGRES, SQLITE, DatabasePages
from tracker.importers.mlflow_history import read_history
from tracker.importers.mlflow_pages import ReadPage, UnreadableStore, read_pages
from tracker.importers.mlflow_rest import RestPages
from tracker.importers.people import Pseudonyms
from tracker.importers.sources import Source
from tracker.shipping.addresses import shown_uri, without_credentials

SUMMARY = "runs of MLflow that were made without the hook, from SQLite, PostgreSQL or a tracking server"
EXAMPLE = "import mlflow sqlite:///mlflow.db --experiment sae-small-lm --regime real"
_HTTP = ("http", "https")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("uri", metavar="URI", help="sqlite:///FILE, postgresql://…, http://… or https://…")
    parser.add_argument("--experiment", action="append", default=[], metavar="NAME", help="this one alone; repeatable")
    parser.add_argument("--regime", default="", help="of all runs: toy, real or a label of yours")
    parser.add_argument(
        "--silent-hours", type=float, default=24.0, help="a run without an end and silent for longer was killed then"
    )
    add_burst_arguments(parser, timezone="local", times="the working hours")


def run(options: argparse.Namespace) -> int:
    rule = burst_rule(options, "mlflow")
    shown = shown_uri(options.uri)
    source = Source(
        "mlflow",
        shown,
        selection="\0".join(sorted(options.experiment)),
        settings=repr((rule, options.regime, options.silent_hours, options.me)),
    )

    def read(draft: Draft, meter: Meter) -> Reading:
        people = Pseudonyms(options.home, options.me)
        asked = {"experiments": options.experiment, "silent_hours": options.silent_hours, "regime": options.regime}
        with _open(options.uri, meter) as read_page:
            history = read_history(read_pages(read_page, draft, meter), people, **asked)
        said = (
            f"a run without an end that was silent for more than {options.silent_hours:g} h (--silent-hours) before "
            f"the newest instant of the store was killed at its last metric; {history.ours} runs of ours are left out"
        )
        reading = reading_of(history.jobs, step_table(), history.runs, rule, [said])
        return replace(reading, bad=history.bad)

    try:
        return take_in(options, source, read)
    except (UnreadableStore, ConnectionError) as error:
        raise type(error)(f"{shown}: {without_credentials(str(error), options.uri)}") from error


@contextmanager
def _open(uri: str, meter: Meter) -> Iterator[ReadPage]:
    scheme = uri.partition("://")[0].partition("+")[0]
    if scheme in _HTTP:
        yield RestPages(uri).page
        return
    if not uri.startswith(SQLITE) and scheme not in POSTGRES:
        raise UnreadableStore(
            "must begin with sqlite:///, postgresql://, http:// or https://; `mlflow server` serves others"
        )
    pages = DatabasePages(uri, meter)
    try:
        yield pages.page
    finally:
        pages.close()
