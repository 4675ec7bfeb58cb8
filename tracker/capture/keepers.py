"""Which processes keep an iteration open: the one rule by which it goes on, is over, or was killed.

An iteration whose end nobody recorded goes on for as long as the process that opened it lives, or one that resumed it,
or any process of it that has a span open: a job, a stage or a phase. When all of these are gone it was killed. A child
that lives on with nothing open (a server that a job started, a worker that waits) keeps nothing open: nobody would ever
end its iteration. Should it open a span later, the iteration goes on again.
"""

from collections.abc import Callable, Iterable

from tracker.capture.recorded import Event, Placed
from tracker.capture.timeline import RESUMING


def segment_of(opening: Event) -> str:
    """Names the segment of a process, and with it the process."""
    return str(opening.get("segment", ""))


def find_keepers(story: Iterable[Placed], first: Placed, openers: Iterable[Event]) -> dict[str, Event]:
    """Returns by segment the opening events of the processes that keep an iteration without an end open.

    Args:
        story: All events of the iteration.
        first: The event that opened it.
        openers: The opening events of the processes that have a span of it open.
    """
    resumed = (placed.opening for placed in story if placed.event["event"] in RESUMING)
    return {segment_of(opening): opening for opening in (first.opening, *resumed, *openers)}


def goes_on(keepers: Iterable[Event], is_alive: Callable[[Event], bool]) -> bool:
    """Says whether an iteration that these processes keep open is still going on."""
    return any(is_alive(opening) for opening in keepers)
