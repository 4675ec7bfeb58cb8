"""Changes as the command line writes them, with numbers that come from a pilot or from an effect measured before."""

import json
from pathlib import Path
from typing import Any

from tracker.speedup import Change, Uncertain, cache, from_measured, from_pilot, from_pilot_hits, parse_change, scale
from tracker.speedup.sources import read_table

FILES = ("pilot=", "hits=", "measured=")


def read_change(text: str) -> Change:
    """Reads a change whose number may be `pilot=FILE`, `hits=45/50` or `measured=FILE`.

    Raises:
        ValueError: The text is no change, or the file does not hold what it should.
    """
    for word in FILES:
        before, found, value = text.partition(f":{word}")
        if found:
            verb, _, target = before.partition(":")
            if verb != ("cache" if word == "hits=" else "scale") or not target:
                takes = "cache:TARGET:hits=45/50" if word == "hits=" else f"scale:TARGET:{word}FILE"
                raise ValueError(f"change == {text!r}, must be {takes}")
            return cache(target, _hits(value)) if word == "hits=" else scale(target, _k(word, Path(value)))
    return parse_change(text)


def _k(word: str, path: Path) -> Uncertain:
    return _measured(path) if word == "measured=" else _pilot(path)


def _hits(text: str) -> Uncertain:
    hits, _, requests = text.partition("/")
    if not (hits.strip().isdigit() and requests.strip().isdigit()):
        raise ValueError(f"hits == {text!r}, must be hits of requests such as 45/50")
    return from_pilot_hits(int(hits), int(requests))


def _pilot(path: Path) -> Uncertain:
    table = read_table(path, what="the pilot", remedy="write one row for each run: arm, seconds")
    columns = {str(name).lower(): table.column(name).to_pylist() for name in table.column_names}
    if not {"arm", "seconds"} <= set(columns):
        raise ValueError(f"{path.name} has the columns {', '.join(columns)}, must have arm and seconds")
    arms: dict[str, list[float]] = {"baseline": [], "changed": []}
    for arm, seconds in zip(columns["arm"], columns["seconds"], strict=True):
        if str(arm).strip().lower() not in arms:
            raise ValueError(f"arm == {arm!r} in {path.name}, must be baseline or changed")
        arms[str(arm).strip().lower()].append(_seconds(path, seconds))
    return from_pilot(arms["baseline"], arms["changed"])


def _seconds(path: Path, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"seconds == {value!r} in {path.name}, must be a number; leave runs out that never ended"
        ) from error


def _measured(path: Path) -> Uncertain:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path.name} is no JSON ({error}); write it with `python -m tracker measure --json`"
        ) from error
    result = found.get("estimands", {}).get("total", found) if isinstance(found, dict) else {}
    return from_measured(result)
