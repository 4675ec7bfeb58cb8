"""OCEL 2.0, the object-centric event log (https://www.ocel-standard.org), in its JSON form.

Objects are studies, iterations, people, jobs, phases, stages and machines; an event belongs to all that it is about, so
that a job is one object however many things wait for it.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.loops.event_logs.events import PARTS, Event, read_arms, read_events, read_iterations
from tracker.loops.event_logs.whole_file import whole_file
from tracker.loops.snapshots import Snapshot

_SPAN_ATTRIBUTES = {"name": "string", "status": "string", "evidence": "string", "inferred": "boolean"}
_ITERATION_ATTRIBUTES = {
    **dict.fromkeys(("name", "regime", "status", "evidence"), "string"),
    **dict.fromkeys((f"{part}_seconds" for part in ("elapsed", *PARTS)), "float"),
}
_EVENT_ATTRIBUTES = ("options", "choice", "reason", "clarity")
_START = "1970-01-01T00:00:00Z"  # OCEL: the time of an attribute that never changes


class OcelLog:
    """A log while it is put together: objects once each, events in order."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self._types: dict[str, dict[str, str]] = {}

    def add_object(self, kind: str, key: str, attributes: dict[str, tuple[str, Any]]) -> str:
        """Adds an object unless it is there; returns its id."""
        identity = f"{kind}:{key}"
        if identity not in self.objects:
            known = {name: (sort, value) for name, (sort, value) in attributes.items() if value is not None}
            self._types.setdefault(kind, {}).update({name: sort for name, (sort, _) in known.items()})
            self.objects[identity] = {
                "id": identity,
                "type": kind,
                "attributes": [{"name": name, "time": _START, "value": value} for name, (_, value) in known.items()],
                "relationships": [],
            }
        return identity

    def relate(self, one: str, qualifier: str, other: str) -> None:
        """Says once how one object stands to another."""
        relation = {"objectId": other, "qualifier": qualifier}
        if relation not in self.objects[one]["relationships"]:
            self.objects[one]["relationships"].append(relation)

    def as_json(self) -> dict[str, Any]:
        """Returns the log in the names of the standard's JSON."""
        event_types = sorted({event["type"] for event in self.events})
        said = [{"name": name, "type": "string"} for name in _EVENT_ATTRIBUTES]
        return {
            "objectTypes": [
                {"name": kind, "attributes": [{"name": name, "type": sort} for name, sort in attributes.items()]}
                for kind, attributes in self._types.items()
            ],
            "eventTypes": [{"name": name, "attributes": said if name == "decided" else []} for name in event_types],
            "objects": list(self.objects.values()),
            "events": self.events,
        }


def write_ocel(snapshot: Snapshot, path: Path) -> dict[str, int]:
    """Writes a log of everything; returns how many objects and events. The file appears whole or not at all."""
    log = OcelLog()
    arms = read_arms(snapshot)
    for iteration in read_iterations(snapshot):
        _add_iteration(log, iteration, arms.get((iteration["study"], iteration["iteration"]), {}))
    for event in read_events(snapshot):
        _add_event(log, event)
    with whole_file(path) as file:
        json.dump(log.as_json(), file, ensure_ascii=True, allow_nan=False)
        file.write("\n")
    return {"objects": len(log.objects), "events": len(log.events)}


def _add_iteration(log: OcelLog, iteration: Event, arms: dict[str, str]) -> None:
    attributes = {name: (sort, iteration[name]) for name, sort in _ITERATION_ATTRIBUTES.items()}
    attributes |= {f"tool.{tool}": ("string", arm) for tool, arm in sorted(arms.items())}
    identity = log.add_object("iteration", _key(iteration), attributes)
    log.relate(identity, "of study", log.add_object("study", iteration["study"], {}))
    if iteration["person"]:
        log.relate(identity, "by", log.add_object("person", iteration["person"], {}))


def _add_event(log: OcelLog, event: Event) -> None:
    about = [("iteration", f"iteration:{_key(event)}")]
    if event["kind"] in ("phase", "job", "stage"):
        attributes = {name: (sort, event[name]) for name, sort in _SPAN_ATTRIBUTES.items()}
        identity = log.add_object(event["kind"], event["span"], attributes)
        log.relate(identity, "in", f"iteration:{_key(event)}")
        about.append((event["kind"], identity))
        if event["kind"] == "stage" and f"job:{event['parent']}" in log.objects:
            about.append(("job", f"job:{event['parent']}"))
    if event["kind"] == "job" and event["device"]:
        about.append(("machine", log.add_object("machine", event["device"], {})))
    if event["kind"] in ("iteration", "phase", "decision") and event["person"]:
        about.append(("person", log.add_object("person", event["person"], {})))
    if event["kind"] == "iteration":
        about.append(("study", log.add_object("study", event["study"], {})))
    log.events.append(
        {
            "id": f"e{len(log.events) + 1}",
            "type": _type(event),
            "time": _time(event["happened_at"]),
            "attributes": [
                {"name": name, "value": event[name]} for name in _EVENT_ATTRIBUTES if event[name] is not None
            ],
            "relationships": [{"objectId": identity, "qualifier": qualifier} for qualifier, identity in about],
        }
    )


def _type(event: Event) -> str:
    if event["happening"] == "decided":
        return "decided"
    return f"{event['kind'] if event['kind'] == 'iteration' else event['name'] or event['kind']} {event['happening']}"


def _key(row: Event) -> str:
    return f"{row['study']}/{row['iteration']}"


def _time(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
