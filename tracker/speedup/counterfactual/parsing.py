"""The command line's form of a change: verb first, numbers last, `scale:phase:think:2`, `parallelise:job:4,0.1`.

Two numbers of one change are separated by a comma. A number may be a stated range, `1.5..3`, or one with its most
likely value in the middle, `1.5..2..3`.
"""

from __future__ import annotations

from collections.abc import Callable

from tracker.speedup.counterfactual.changes import (
    Change,
    Number,
    cache,
    overlap,
    parallelise,
    prune,
    remove,
    scale,
)
from tracker.speedup.counterfactual.targets import TARGETS
from tracker.speedup.counterfactual.uncertain import stated

FORMS = (
    "scale:TARGET:K (or K,FRACTION), cache:TARGET:HIT_FRACTION, parallelise:TARGET:WIDTH (or WIDTH,OVERHEAD), "
    "prune:TARGET:DROP_FRACTION, overlap:TARGET (or overlap:TARGET:FRACTION) or remove:TARGET"
)


def parse_change(text: str) -> Change:
    """Reads a change in the command line's form.

    Raises:
        ValueError: The text is no change; the message says what is allowed.
    """
    verb, _, rest = text.strip().partition(":")
    if verb not in _VERBS or not rest:
        raise ValueError(
            f"change == {text!r}, must be {FORMS}, where TARGET is {TARGETS}; for example scale:phase:think:2"
        )
    if verb == "remove":
        return remove(rest)
    target, numbers = _split(text, verb, rest)
    return _VERBS[verb](target, *numbers)


def _split(text: str, verb: str, rest: str) -> tuple[str, list[Number]]:
    """Target and numbers; the numbers stand behind the last colon."""
    target, _, last = rest.rpartition(":")
    numbers = [_read(part, share=_is_share(verb, place)) for place, part in enumerate(last.split(","))]
    read = [number for number in numbers if number is not None]
    if verb == "overlap" and (len(read) != 1 or len(numbers) != 1):
        return rest, []
    if not target or len(read) != len(numbers) or len(read) > (2 if verb in ("scale", "parallelise") else 1):
        raise ValueError(
            f"change == {text!r} ends in {last!r}, must end in a number such as 2 or a range such as 1.5..3: {FORMS}"
        )
    before, _, width = target.rpartition(":")
    if verb == "parallelise" and len(read) == 1 and before and width.isdigit():
        return before, [float(width), *read]  # parallelise:job:4:0.1, as one would write it too
    return target, read


def _is_share(verb: str, place: int) -> bool:
    """True where the number at this place is a share: all but k and the width."""
    return verb not in ("scale", "parallelise") or place == 1


def _read(text: str, *, share: bool) -> Number | None:
    """A number, a stated range, or None where the text is neither."""
    try:
        ends = [float(part) for part in text.split("..")]
    except ValueError:
        return None
    if len(ends) == 1:
        return ends[0]
    if len(ends) == 2:
        return stated(ends[0], ends[1], share=share)
    return stated(ends[0], ends[2], ends[1], share=share) if len(ends) == 3 else None


def _scale(target: str, k: Number, fraction: Number = 1.0) -> Change:
    return scale(target, k, fraction=fraction)


_VERBS: dict[str, Callable[..., Change]] = {
    "scale": _scale,
    "cache": cache,
    "parallelise": parallelise,
    "prune": prune,
    "overlap": overlap,
    "remove": remove,
}
