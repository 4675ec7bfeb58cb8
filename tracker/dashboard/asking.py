"""The changes that a view asks about: their controls, and how the URL holds them.

Up to three changes are made together. Each has a verb, a target and the verb's number; the first one's parameters are
`verb`, `target`, `k`, `part` and `width`, those of the second end in `2`. A scenario fills them in. What else a change
can say (a range, an overhead) stands in the parameter `changes` as it was given, and is asked as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from tracker.dashboard import state
from tracker.reporting import text
from tracker.speedup.counterfactual.parsing import parse_change

MOST = 3
NONE = "none"
VERBS = {
    "scale": "is k times faster",
    "cache": "is answered by a cache",
    "parallelise": "runs side by side",
    "prune": "is dropped",
    "overlap": "runs beside what it waits for",
    "remove": "takes no time at all",
}
K_LOW, K_HIGH, K_STEP, K = 1.0, 20.0, 0.25, 2.0
PART, WIDTH, WIDEST = 0.5, 4.0, 16.0
GONE = "is not among what can be chosen here (any more)"
GIVEN = "changes"
SEPARATOR = " and "


@dataclass(frozen=True)
class Asked:
    """What is asked: the changes; and where the first is a plain scaling, its target and k, for the curve."""

    changes: tuple[str, ...]
    target: str
    k: float

    @property
    def others(self) -> tuple[str, ...]:
        """All changes but the first."""
        return self.changes[1:]

    @property
    def is_scaling(self) -> bool:
        """True where the first change makes its target k times faster and nothing else."""
        return self.changes[0] == f"scale:{self.target}:{self.k:g}"


def read_asked(targets: Sequence[str]) -> Asked:
    """Returns what the URL asks, without showing controls: for the pages that a question leads to."""
    given = _given(targets)
    if given:
        return _asked(given)
    found = []
    for number in range(1, MOST + 1):
        end = "" if number == 1 else str(number)
        verb = _read_one(f"verb{end}", tuple(VERBS) if number == 1 else (NONE, *VERBS))
        if verb == NONE:
            break
        target = _read_one(f"target{end}", targets)
        k = state.number(f"k{end}", K_LOW, K_HIGH, K)
        part = state.number(f"part{end}", 0.0, 1.0, PART)
        found.append(_change(verb, target, k, part, state.number(f"width{end}", 1.0, WIDEST, WIDTH)))
    return _asked(tuple(found))


def _read_one(name: str, offered: Sequence[str]) -> str:
    """What the URL says of a change, without its control; the first that is offered where that is not among them."""
    current = state.read(name)
    if current and current not in offered:
        instead = VERBS.get(offered[0], "nothing") if name.startswith("verb") else text.format_target(offered[0])
        state.note(name, current, GONE, instead)
    return state.choice(name, offered)


def ask(targets: Sequence[str]) -> Asked:
    """Shows the controls of every change, and returns what they ask."""
    given = _given(targets)
    if given:
        st.markdown(f"**{text.format_changes(given)}**")
        st.button("Ask something else", on_click=forget, icon=":material/edit:")
        return _asked(given)
    changes = [_ask_one("", targets)]
    for number in range(2, MOST + 1):
        with st.expander(f"And change {number}, made together with it", expanded=bool(state.read(f"verb{number}"))):
            change = _ask_one(str(number), targets, may_be_none=True)
        if not change:
            break
        changes.append(change)
    return _asked(tuple(change for change in changes if change))


def fill_in(changes: Sequence[str]) -> None:
    """Puts a scenario into the URL."""
    forget()
    state.write(GIVEN, SEPARATOR.join(changes))


def forget() -> None:
    """Takes what was given as a whole out of the URL again."""
    state.write(GIVEN, "")


def _ask_one(end: str, targets: Sequence[str], may_be_none: bool = False) -> str:
    offered = [NONE, *VERBS] if may_be_none else list(VERBS)
    target = state.select("What", f"target{end}", targets, words=text.format_target)
    verb = state.select("What the tool does to it", f"verb{end}", offered, words=lambda one: VERBS.get(one, "nothing"))
    if verb == NONE:
        return ""
    k = part = width = 0.0
    if verb == "scale":
        k = state.slide("k: how many times faster", f"k{end}", K_LOW, K_HIGH, K, step=K_STEP, format="%gx")
    elif verb in ("cache", "prune", "overlap"):
        part = state.slide("How much of it", f"part{end}", 0.0, 1.0, PART, step=0.05, format="percent")
    elif verb == "parallelise":
        width = state.slide("How many at a time", f"width{end}", 1.0, WIDEST, WIDTH, step=1.0, format="%g")
    return _change(verb, target, k, part, width)


def _change(verb: str, target: str, k: float, part: float, width: float) -> str:
    number = {"scale": k, "cache": part, "prune": part, "overlap": part, "parallelise": width}.get(verb)
    return f"{verb}:{target}" + ("" if number is None else f":{number:g}")


def _asked(changes: tuple[str, ...]) -> Asked:
    verb, _, rest = changes[0].partition(":")
    if verb == "remove":
        return Asked(changes, rest, K)
    target, _, number = rest.rpartition(":")
    try:
        return Asked(changes, target, float(number) if verb == "scale" else K)
    except ValueError:
        return Asked(changes, target, K)


def _given(targets: Sequence[str]) -> tuple[str, ...]:
    """What the URL gives as a whole; nothing where it is no change, or acts on what these loops do not have."""
    asked = state.read(GIVEN)
    given = tuple(each for each in asked.split(SEPARATOR) if each)
    try:
        acts_on = {str(parse_change(each).target) for each in given}
    except ValueError as error:
        state.note(GIVEN, asked, f"is no change ({error})", "what the controls say")
        return ()
    if acts_on <= set(targets):
        return given
    state.note(GIVEN, asked, "acts on what these loops do not have", "what the controls say")
    return ()
