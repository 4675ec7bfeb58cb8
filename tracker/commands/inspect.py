"""`inspect`: prints every field that leaves this machine for an iteration."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict

from tracker.commands.matching import one_iteration
from tracker.commands.printing import print_json
from tracker.shipping.addresses import shown_uri, store_uri
from tracker.shipping.outgoing import outgoing
from tracker.shipping.record import RunRecord
from tracker.shipping.recorded_home import read_home

EXAMPLE = "inspect 019cb7f0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("iteration", nargs="?", help="an id, its beginning, or a name; by default the newest iteration")
    parser.add_argument("--json", action="store_true", help="print the fields as JSON")


def run(options: argparse.Namespace) -> int:
    recorded = {iteration.iteration: iteration for iteration in read_home(options.home).iterations}
    if not recorded:
        raise ValueError("nothing is recorded yet: nothing leaves this machine")
    named = [(one.iteration, one.name) for one in recorded.values()]
    chosen = one_iteration(options.iteration, named) if options.iteration else max(recorded)
    fields = outgoing(recorded[chosen])
    destination = shown_uri(store_uri(options.home))
    if options.json:
        print_json({"destination": destination, **asdict(fields)})
        return 0
    print(f"iteration {chosen}: all that goes to {destination}")
    print(f"experiment: {_text(fields.experiment)}")
    for kind, record in [("run", fields.run), *(("job run", job) for job in fields.jobs)]:
        print(f"{kind}:")
        for line in _lines(record):
            print(f"  {line}")
    return 0


def _lines(record: RunRecord) -> Iterator[str]:
    for key, value in asdict(record).items():
        if not isinstance(value, dict):
            yield f"{key}: {_text(value)}"
            continue
        for name, item in value.items():
            yield f"{key.removesuffix('s')} {_text(name)}: {_text(item)}"


def _text(value: object) -> str:
    """A name may hold line feeds and what moves a terminal's cursor: those are shown escaped."""
    text = "none" if value is None else str(value)
    return text if text.isprintable() else json.dumps(text)
