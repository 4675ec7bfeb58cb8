"""What has arrived in MLflow and what has not: judged by what the store holds, and only where it cannot be asked by
what this home remembers of it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tracker.capture.spans import RecordedIteration
from tracker.shipping.addresses import shown_uri, store_uri
from tracker.shipping.arrived import read_arrived
from tracker.shipping.background import LOG_NAME
from tracker.shipping.errors import ShippingError
from tracker.shipping.findings import MOST_NAMED, Finding, many, named
from tracker.shipping.offsets import Offsets
from tracker.shipping.record import digest_of, iteration_record, job_records
from tracker.shipping.recorded_home import RecordedHome

SYNC = "run `python -m tracker sync`"
LOG_BYTES = 4 << 10


def check_shipping(home: Path, recorded: RecordedHome) -> Iterator[Finding]:
    """Returns what has been shipped, what waits, what was refused, and what the last automatic sync complained of."""
    offsets = Offsets(home / "shipped.json", shown_uri(store_uri(home)))
    remembered = {name: {one.digest} for name, one in offsets.shipped.items()}
    try:
        arrived: dict[str, set[str]] = {}
        for one in read_arrived(store_uri(home)):
            arrived.setdefault(one.iteration, set()).add(one.digest)
    except ShippingError as error:
        yield Finding("shipped", "problem", f"MLflow cannot be asked what it holds: {error}")
        arrived = remembered
    found = list(_states(recorded.iterations, arrived, remembered, offsets.refused))
    yield from found or [Finding("shipped", "ok", _all_is_there(recorded, arrived is remembered))]
    for name, reason in list(offsets.refused.items())[:MOST_NAMED]:
        yield Finding("refused", "problem", f"{name} was not taken at the last sync, and is tried again: {reason}")
    if len(offsets.refused) > MOST_NAMED:
        yield Finding("refused", "problem", f"and {many(len(offsets.refused) - MOST_NAMED, 'iteration')} more")
    if found:
        yield from _last_complaint(home)


def _states(
    iterations: list[RecordedIteration],
    arrived: Mapping[str, set[str]],
    remembered: Mapping[str, set[str]],
    refused: Mapping[str, str],
) -> Iterator[Finding]:
    absent = [one for one in iterations if one.iteration not in arrived and one.iteration not in refused]
    waiting = [one for one in absent if one.iteration not in remembered]
    lost = [one for one in absent if one.iteration in remembered]
    changed = [one for one in iterations if one.iteration in arrived and _digest(one) not in arrived[one.iteration]]
    if waiting:
        yield Finding("shipped", "note", f"{named(waiting, 'not shipped yet')}: {SYNC}")
    if changed:
        yield Finding("shipped", "note", f"{named(changed, 'shipped, with news since')}: {SYNC}")
    if lost:
        text = named(lost, "shipped once and no longer in MLflow")
        yield Finding("shipped", "problem", f"{text}: `sync --again` ships them anew, `delete` erases them here, too")


def _all_is_there(recorded: RecordedHome, is_remembered: bool) -> str:
    if not recorded.iterations:
        return "nothing is recorded here, so nothing waits"
    how = "as far as is remembered here" if is_remembered else "MLflow was asked"
    return f"all {many(len(recorded.iterations), 'iteration')} recorded here have been shipped ({how})"


def _last_complaint(home: Path) -> Iterator[Finding]:
    """Syncs that start by themselves say what went wrong in a file that nobody looks into."""
    log = home / LOG_NAME
    if not log.exists():
        return
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    if lines:
        yield Finding("shipped", "note", f"the last line of {log} is: {lines[-1]}")


def _digest(iteration: RecordedIteration) -> str:
    return digest_of(iteration_record(iteration), *job_records(iteration).values())
