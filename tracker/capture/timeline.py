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

# The iteration goes on in another process: another attempt, or a notebook's kernel that was restarted.
RESUMING = ("iteration_resumed", "iteration_reopened")


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
    causes = [placed for placed in story if placed.event["event"] in ("job_enabled", "iteration_ended")]
    # What was recorded by the process that opened the iteration: a later attempt comes after it.
    reached = max(placed.at for placed in story if placed.opening is first.opening)
    notes += [note for events in others for note in _keep_causes_before_effects(events, causes, first, reached)]
    for placed in story:
        placed.at = max(placed.at, first.at)
    return tuple(notes)


def sleeps(story: Iterable[Placed]) -> dict[str, list[Interval]]:
    """Returns by boot when its machine slept; several processes may have noticed the same sleep."""
    noticed: dict[str, list[Interval]] = {}
    for placed in story:
        if placed.event["event"] == "slept" and "slept_ns" in placed.event:
            since = placed.at - placed.event["slept_ns"] // MICROSECOND_NS
            noticed.setdefault(boot_of(placed), []).append((since, placed.at))
    return {boot: _merged(sorted(intervals)) for boot, intervals in noticed.items()}


def _merged(noticed: list[Interval]) -> list[Interval]:
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


def _keep_causes_before_effects(events: list[Placed], causes: list[Placed], first: Placed, reached: int) -> list[str]:
    """Moves the events of another machine so that none lies before what caused it."""
    shift = max(_lateness(events, causes, first, reached), _earliness(events, causes, first), key=abs)
    if shift == 0:
        return []
    for placed in events:
        placed.at += shift
    direction = "behind" if shift > 0 else "ahead of"
    return [
        f"Another machine's clock was at least {abs(shift) / _SECOND:,.3f} s {direction} the one that opened the "
        "iteration: what it recorded was moved by as much; lengths are as recorded."
    ]


def _lateness(events: list[Placed], causes: list[Placed], first: Placed, reached: int) -> int:
    """Returns by how much the events lie too early: before the iteration, or a job before it was enqueued.

    An attempt that lies before the iteration began is moved after the first one, whose process was gone by then.
    """
    enabled = {placed.event.get("span"): placed.at for placed in causes if placed.event["event"] == "job_enabled"}
    earliest = (
        enabled.get(placed.event["span"], first.at) if placed.event["event"] == "job_started" else first.at
        for placed in events
    )
    late = max(0, *(cause - placed.at for cause, placed in zip(earliest, events, strict=True)))
    resumed = [placed.at for placed in events if placed.event["event"] in RESUMING and placed.at < first.at]
    return max(late, *(reached - at for at in resumed)) if resumed else late


def _earliness(events: list[Placed], causes: list[Placed], first: Placed) -> int:
    """Returns, as a negative number, by how much events lie too late: begun only after the iteration had ended."""
    if any(placed.event["event"] in RESUMING for placed in events):
        return 0  # another attempt begins after an end
    own_boot = boot_of(first)
    ends = [p.at for p in causes if p.event["event"] == "iteration_ended" and boot_of(p) == own_boot]
    begun, done = min(placed.at for placed in events), max(placed.at for placed in events)
    if not ends or begun <= max(ends):
        return 0
    return max(max(ends) - done, first.at - begun)
