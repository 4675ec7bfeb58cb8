"""XES, the event log of process mining (IEEE 1849-2016, https://www.xes-standard.org): a trace is an iteration."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

from tracker.loops.event_logs.events import PARTS, Event, read_arms, read_events, read_iterations
from tracker.loops.event_logs.whole_file import whole_file
from tracker.loops.snapshots import Snapshot

_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)
# Our happenings as transitions of the standard's lifecycle; an end depends on how it ended.
_TRANSITIONS = {"submitted": "schedule", "started": "start", "decided": "complete"}
_ENDS = {"finished": "complete", "failed": "ate_abort", "killed": "pi_abort"}
# What XML 1.0 has no way to write, escaped or not.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xes(snapshot: Snapshot, path: Path) -> dict[str, int]:
    """Writes a log of all iterations; returns how many traces and events. The file appears whole or not at all."""
    arms = read_arms(snapshot)
    iterations = {(row["study"], row["iteration"]): row for row in read_iterations(snapshot)}
    counts = {"traces": 0, "events": 0}
    with whole_file(path) as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849-2016" xes.features="">\n')
        file.writelines(_text(element) for element in _head())
        for key, events in groupby(read_events(snapshot), lambda event: (event["study"], event["iteration"])):
            trace = _trace(iterations[key], arms.get(key, {}), events)
            counts["traces"] += 1
            counts["events"] += len(trace.findall("event"))
            file.write(_text(trace))
        file.write("</log>\n")
    return counts


def _head() -> Iterator[xml.Element]:
    for name, prefix, uri in _EXTENSIONS:
        yield xml.Element("extension", name=name, prefix=prefix, uri=uri)
    for scope, keys in (("trace", ("concept:name",)), ("event", ("concept:name", "lifecycle:transition"))):
        declared = xml.Element("global", scope=scope)
        for key in keys:
            _add(declared, key, "")
        if scope == "event":
            xml.SubElement(declared, "date", key="time:timestamp", value="1970-01-01T00:00:00.000+00:00")
        yield declared
    yield xml.Element("classifier", name="Activity", keys="concept:name")
    yield xml.Element("classifier", name="Activity and transition", keys="concept:name lifecycle:transition")


def _trace(iteration: Event, arms: dict[str, str], events: Iterator[Event]) -> xml.Element:
    trace = xml.Element("trace")
    _add(trace, "concept:name", f"{iteration['study']}/{iteration['iteration']}")
    for key in ("study", "regime", "iteration", "name", "person", "status", "evidence"):
        _add(trace, key, iteration[key])
    for part in ("elapsed", *PARTS):
        _add(trace, f"{part}_seconds", iteration[f"{part}_seconds"])
    for tool, arm in sorted(arms.items()):
        _add(trace, f"tool.{tool}", arm)
    for event in events:
        if event["kind"] != "iteration":  # an iteration is the trace: it is no event of its own
            trace.append(_event(event))
    return trace


def _event(event: Event) -> xml.Element:
    element = xml.Element("event")
    _add(element, "concept:name", event["name"] or event["kind"])
    _add(element, "concept:instance", event["span"])
    _add(element, "lifecycle:transition", _transition(event))
    _add(element, "time:timestamp", event["happened_at"])
    _add(element, "org:resource", event["device"] if event["kind"] in ("job", "stage") else event["person"])
    for key in ("kind", "parent", "inferred", "attempt", "options", "choice", "reason", "clarity"):
        _add(element, key, event[key])
    return element


def _transition(event: Event) -> str:
    if event["happening"] != "ended":
        return _TRANSITIONS[event["happening"]]
    if event["started_at"] is None:
        return "withdraw"  # cancelled while it was queued
    return _ENDS.get(event["status"], "complete")


def _add(element: xml.Element, key: str, value: Any) -> None:
    """Adds an attribute of the type that its value has; what is not known is not there."""
    if value is None:
        return
    if isinstance(value, bool):
        kind, text = "boolean", str(value).lower()
    elif isinstance(value, int):
        kind, text = "int", str(value)
    elif isinstance(value, float):
        kind, text = "float", repr(value)
    elif isinstance(value, datetime):
        kind, text = "date", value.isoformat(timespec="microseconds")
    else:
        kind, text = "string", _NO_XML.sub("�", str(value))
    xml.SubElement(element, kind, key=_NO_XML.sub("�", key), value=text)


def _text(element: xml.Element) -> str:
    return xml.tostring(element, encoding="unicode") + "\n"
