"""Events as they can be relied upon: fields of the right type, texts that can be stored, nothing longer than allowed.

A journal may have been damaged or written by somebody else. What is wrong in an event is left out; an event without its
clocks says nothing. Fields and events of a newer version are kept as they are.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from tracker.capture.encoding import MOST_ITEMS, NAME_CHARACTERS, REASON_CHARACTERS

_ID_CHARACTERS = 64
_CLOCK_LIMIT = 2**63  # nanoseconds: the year 2262
_STATUSES = ("finished", "failed", "killed")
_ARMS = ("changed", "baseline")
_OF_SPANS = ("cell_", "phase_", "job_", "stage_", "decided")


def read_fact(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns what an event says; None where it says nothing that can be placed in time."""
    fact = {str(key): _clean(str(key), value) for key, value in raw.items()}
    fact = {key: value for key, value in fact.items() if value is not None}
    kind = fact.get("event", "")
    is_whole = kind and "wall_ns" in fact and "mono_ns" in fact and (not kind.startswith(_OF_SPANS) or "span" in fact)
    is_named_twice = "span" in fact and fact["span"] == fact.get("iteration")
    return fact if is_whole and not is_named_twice else None


def _clean(key: str, value: object) -> Any:
    cleaner = _CLEANERS.get(key)
    return value if cleaner is None else cleaner(value)


def _text(limit_characters: int) -> Callable[[object], str | None]:
    def clean(value: object) -> str | None:
        if not isinstance(value, str):
            return None
        text = value if value.isascii() else _without_lone_surrogates(value)
        return text if len(text) <= limit_characters else text[: limit_characters - 1] + "…"

    return clean


def _without_lone_surrogates(text: str) -> str:
    """JSON can hold half a character; no database and no file can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_name = _text(NAME_CHARACTERS)


def _identity(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _ID_CHARACTERS and value.isprintable() else None


def _span(value: object) -> str | None:
    """Dots stand in the ids of the parts that a reader makes of a span: no recorded one may be taken for them."""
    text = _identity(value)
    return None if text is None or "." in text else text


def _clock(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _CLOCK_LIMIT else None


def _seconds(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e12 else None  # type: ignore[operator,arg-type]


def _one_of(*allowed: str) -> Callable[[object], str | None]:
    return lambda value: value if isinstance(value, str) and value in allowed else None


def _texts(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [text for text in map(_name, value[:MOST_ITEMS]) if text is not None]


def _arms(value: object) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    return {_name(tool) or "": arm for tool, arm in list(value.items())[:MOST_ITEMS] if arm in _ARMS}


def _scalars(value: object) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    return {_name(key) or "": _scalar(item) for key, item in list(value.items())[:MOST_ITEMS]}


def _scalar(value: object) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return _name(value) if isinstance(value, str) else f"({type(value).__name__})"


_CLEANERS: dict[str, Callable[[object], Any]] = {
    **dict.fromkeys(("wall_ns", "mono_ns", "enabled_wall_ns", "started_mono_ns", "ended_mono_ns", "slept_ns"), _clock),
    **dict.fromkeys(("pid", "rank", "ranks", "restarts", "since_wall_ns", "slot"), _clock),
    **dict.fromkeys(("iteration", "segment", "boot", "joined", "gang", "plan"), _identity),
    **dict.fromkeys(("span", "parent", "suspends", "after"), _span),
    **dict.fromkeys(("event", "name", "study", "regime", "person", "choice", "clarity", "device", "timed_by"), _name),
    "reason": _text(REASON_CHARACTERS),
    "status": _one_of(*_STATUSES),
    "tools": _arms,
    "options": _texts,
    **dict.fromkeys(("config", "gap_rule"), _scalars),
    "forecast_seconds": _seconds,
}
