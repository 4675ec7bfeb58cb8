"""When things happened: places the events of one iteration on one line of time, in microseconds UTC.

Within one boot of one machine, instants are counted on the monotonic clock (it goes on while the machine sleeps), from
the wall clock of the iteration's beginning: a step of the wall clock moves nothing. Events of another machine are
counted from that machine's wall clock, and moved as little as cause and effect require.
"""

from collections.abc import Iterable
from itertools import pairwise

from tracker.capture.recorded import Placed

MICROSECOND_NS = 1_000
_SECOND = 1_000_000
# What disciplining a clock may do to it, with room: more than this is a step.
_STEP_NS = 1_000_000_000
_SLEW_FRACTION = 0.001

Interval = tuple[int, int]


def boot_of(placed: Placed) -> str:
    """Identifies the clock that an event was read from; without a boot id each segment is a clock of its own."""
    return str(placed.opening.get("boot") or f"segment {placed.opening.get('segment', '')}")


def place(story: list[Placed], first: Placed) -> tuple[str, ...]:
    """Sets `at` of each event.

    Args:
        story: All events of one iteration.
        first: The event that opened it.

    Returns:
        What the clocks did, in sentences.
    """
    by_boot: dict[str, list[Placed]] = {boot_of(first): [first]}
    for placed in story:
        if placed is not first:
            by_boot.setdefault(boot_of(placed), []).append(placed)
    notes: list[str] = []
    for boot, events in by_boot.items():
        _count_from(events, events[0] if boot == boot_of(first) else min(events, key=_mono))
        notes += _steps(events)
    others = [events for boot, events in by_boot.items() if boot != boot_of(first)]
    notes += [note for events in others for note in _keep_causes_before_effects(events, story, first)]
    for placed in story:
        placed.at = max(placed.at, first.at)
    return tuple(notes)


def sleeps(story: Iterable[Placed], boot: str) -> list[Interval]:
    """Returns when the machine of that boot slept; several processes may have noticed the same sleep."""
    noticed = sorted(
        (placed.at - placed.event["slept_ns"] // MICROSECOND_NS, placed.at)
        for placed in story
        if placed.event["event"] == "slept" and "slept_ns" in placed.event and boot_of(placed) == boot
    )
    merged: list[Interval] = []
    for start, end in noticed:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], min(end, merged[-1][1]))  # who woke first knows best when it ended
        else:
            merged.append((start, end))
    return merged


def _mono(placed: Placed) -> int:
    return int(placed.event["mono_ns"])


def _count_from(events: list[Placed], anchor: Placed) -> None:
    wall, mono = anchor.event["wall_ns"], anchor.event["mono_ns"]
    for placed in events:
        placed.at = max(0, (wall + placed.event["mono_ns"] - mono) // MICROSECOND_NS)


def _steps(events: list[Placed]) -> list[str]:
    ordered = sorted(events, key=_mono)
    notes = []
    for before, after in pairwise(ordered):
        passed = _mono(after) - _mono(before)
        step = after.event["wall_ns"] - before.event["wall_ns"] - passed
        if abs(step) > _STEP_NS + passed * _SLEW_FRACTION:
            direction = "forward" if step > 0 else "back"
            notes.append(
                f"The wall clock was set {direction} by {abs(step) / 1e9:,.0f} s; durations do not follow it: "
                "they are counted on the monotonic clock."
            )
    return notes


def _keep_causes_before_effects(events: list[Placed], story: list[Placed], first: Placed) -> list[str]:
    """Moves the events of another machine so that none lies before what caused it."""
    shift = max(_lateness(events, story, first), _earliness(events, story, first), key=abs)
    if shift == 0:
        return []
    for placed in events:
        placed.at += shift
    direction = "behind" if shift > 0 else "ahead of"
    return [
        f"Another machine's clock was at least {abs(shift) / _SECOND:,.3f} s {direction} the one that opened the "
        "iteration: what it recorded was moved by as much; lengths are as recorded."
    ]


def _lateness(events: list[Placed], story: list[Placed], first: Placed) -> int:
    """Returns by how much the events lie too early: before the iteration, or a job before it was enqueued."""
    enabled = {placed.event.get("span"): placed.at for placed in story if placed.event["event"] == "job_enabled"}
    causes = (
        enabled.get(placed.event["span"], first.at) if placed.event["event"] == "job_started" else first.at
        for placed in events
    )
    return max(0, *(cause - placed.at for cause, placed in zip(causes, events, strict=True)))


def _earliness(events: list[Placed], story: list[Placed], first: Placed) -> int:
    """Returns, as a negative number, by how much events lie too late: begun only after the iteration had ended."""
    own_boot = boot_of(first)
    ends = [p.at for p in story if p.event["event"] == "iteration_ended" and boot_of(p) == own_boot]
    begun, done = min(placed.at for placed in events), max(placed.at for placed in events)
    if not ends or begun <= max(ends):
        return 0
    return max(max(ends) - done, first.at - begun)
