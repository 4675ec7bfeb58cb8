"""Whose loops may be looked at, where several people's lie in one store: one's own first, and the team's from five on.

The team's are what would be published of the snapshot: no person, no free text, and only groups (a study and regime) in
which at least five people have iterations. Nothing names, lists or compares persons.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.loops.sharing import GROUP_FLOOR
from tracker.reporting.text import format_count

MINE, TEAM = "mine", "team"
WORDS = {MINE: "your own loops", TEAM: "the team's loops together"}
ALSO_ME = (
    "Are some of them yours? Import with `--me NAME`, or put their pseudonym into the file `also_me` of your home."
)


class NobodysToShow(ValueError):
    """Loops that may not be shown: of others alone, too few people to be shown together."""


@dataclass(frozen=True)
class Parts:
    """What a snapshot can be looked at in.

    Attributes:
        are_others: Whether it holds anybody's loops but one's own and nobody's; without them it is looked at whole.
        offered: The parts there are, `mine` first.
        refused: Why the team's are not among them; empty where they are.
    """

    are_others: bool
    offered: tuple[str, ...]
    refused: str


def parts_of(people: Sequence[Mapping[str, Any]], own: Collection[str]) -> Parts:
    """Says what somebody may see of a snapshot.

    Args:
        people: Rows of `queries.read_people`.
        own: Whose loops are one's own.

    Raises:
        NobodysToShow: None of it is one's own, and the team is below the floor.
    """
    others = [row for row in people if row["person"] and row["person"] not in own]
    if not others:
        return Parts(False, (MINE,), "")
    largest = max(row["largest_group"] for row in people)
    offered = (MINE,) * (len(others) < len(people)) + (TEAM,) * (largest >= GROUP_FLOOR)
    refused = "" if TEAM in offered else _refused(largest)
    if not offered:
        n = format_count(sum(row["iterations"] for row in people), "iteration")
        raise NobodysToShow(f"None of these {n} is yours, and {refused}. {ALSO_ME}")
    return Parts(True, offered, refused)


def _refused(largest: int) -> str:
    return (
        f"a team's view needs {GROUP_FLOOR} people in a study and regime, so that no number about the team is one "
        f"about a person; the largest group here has {format_count(largest, 'person')}"
    )
