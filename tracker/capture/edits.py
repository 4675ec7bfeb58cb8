"""Corrections of the record: what was edited, applied to what the journal tells. Nothing recorded is ever changed.

An edit is an event of its own, with who made it, when and why. A later one undoes it; then it is as if it had not been,
except that what it brought forth stays known, withdrawn, so that it can be taken back where it was shipped to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tracker.capture.recorded import RecordedIteration, Span

ACTIONS = ("split", "merge", "relabel", "ignore", "unignore", "undo")
IGNORED = "tracker.ignored"  # a tag: why it is left out of marts and estimates
EDITS = "tracker.edits"  # a tag: how many edits are in force


@dataclass(frozen=True)
class Edit:
    """One correction.

    Attributes:
        edit: Its id, which sorts by time.
        action: One of `ACTIONS`.
        iteration: What it corrects.
        other: The iteration that a split brings forth, that a merge takes in; the edit that an undo takes back.
        at: Where to split, in microseconds UTC.
        labels: What a relabel sets: `name`, `study`, `regime`; `tool` and `phase` from old to new.
        because: Why.
        person: Who, a pseudonym.
        wall_ns: When.
    """

    edit: str
    action: str
    iteration: str
    other: str = ""
    at: int = 0
    labels: dict[str, Any] = field(default_factory=dict)
    because: str = ""
    person: str = ""
    wall_ns: int = 0


def read_edit(event: Mapping[str, Any]) -> Edit | None:
    """Returns the edit that an event tells of; None where it tells of none, or cannot be relied upon."""
    texts = {name: event.get(name, "") for name in ("edit", "action", "iteration", "other", "because", "person")}
    numbers = {name: event.get(name, 0) for name in ("at", "wall_ns")}
    labels = event.get("labels", {})
    is_sound = (
        event.get("event") == "edited"
        and all(isinstance(text, str) for text in texts.values())
        and all(type(number) is int and 0 <= number < 2**63 for number in numbers.values())
        and isinstance(labels, dict)
        and texts["action"] in ACTIONS
        and bool(texts["edit"])
    )
    return Edit(**texts, **numbers, labels=labels) if is_sound else None


def undone(edits: Iterable[Edit]) -> set[str]:
    """Returns the edits that are not in force: a later undo takes an edit back, an undo that was undone does not."""
    found: set[str] = set()
    for edit in sorted(edits, key=lambda one: one.edit, reverse=True):
        if edit.action == "undo" and edit.edit not in found:
            found.add(edit.other)
    return found


def related(iterations: Iterable[str], edits: Iterable[Edit]) -> set[str]:
    """Returns the iterations with all that splits and merges, undone ones too, have to do with them."""
    found, links = (
        set(iterations),
        [{edit.iteration, edit.other} for edit in edits if edit.action in ("split", "merge")],
    )
    while grown := [link for link in links if link & found and not link <= found]:
        found.update(*grown)
    return found


def apply(iterations: Iterable[RecordedIteration], edits: Iterable[Edit]) -> list[RecordedIteration]:
    """Returns the iterations as corrected, oldest first.

    Args:
        iterations: As recorded; they are left as they are.
        edits: In any order. One that does not fit, because what it names is not there or has not ended, does nothing.
    """
    known = {iteration.iteration: replace(iteration) for iteration in iterations}
    ordered = sorted(edits, key=lambda one: one.edit)
    withdrawn = undone(ordered)
    for edit in ordered:
        if edit.iteration in known and edit.action != "undo":
            _HANDLERS[edit.action](known, edit, edit.edit in withdrawn)
    return [known[name] for name in sorted(known)]


def split_spans(whole: RecordedIteration, at: int) -> tuple[list[Span], list[Span]]:
    """Returns the spans before and after an instant. A phase across it is cut; a job stays where it started."""
    before = [span for span in whole.spans if span.started_at < at]
    after = [span for span in whole.spans if span.started_at >= at]
    across = [span for span in before if span.kind == "phase" and (span.ended_at is None or span.ended_at > at)]
    cut = {span.span: replace(span, ended_at=at, status="finished") for span in across}
    rest = [replace(span, span=f"{span.span}/2", started_at=at, enabled_at=at, after="-") for span in across]
    return _alone([cut.get(span.span, span) for span in before]), _alone([*rest, *after])


def _split(known: dict[str, RecordedIteration], edit: Edit, is_withdrawn: bool) -> None:
    whole = known[edit.iteration]
    if whole.ended_at is None or not whole.started_at < edit.at < whole.ended_at:
        return
    before, after = split_spans(whole, edit.at)
    # What was said to take so long before it began was the whole: it is no forecast of either part.
    first = replace(whole, ended_at=edit.at, last_at=edit.at, status="finished", spans=before, forecast_seconds=None)
    first.is_end_estimated, first.asleep = False, [one for one in whole.asleep if one[0] < edit.at]
    second = replace(whole, iteration=edit.other, started_at=edit.at, spans=after, forecast_seconds=None)
    second.name = str(edit.labels.get("name") or whole.name)
    second.asleep = [one for one in whole.asleep if one[1] > edit.at]
    known[edit.other] = _ignored(second, "the split was undone") if is_withdrawn else _counted(second)
    if not is_withdrawn:
        known[edit.iteration] = _counted(first)


def _merge(known: dict[str, RecordedIteration], edit: Edit, is_withdrawn: bool) -> None:
    one, other = known[edit.iteration], known.get(edit.other)
    if is_withdrawn or other is None or one.ended_at is None or other.ended_at is None or one.study != other.study:
        return
    last = max(one, other, key=lambda each: each.ended_at or 0)
    both = replace(one, started_at=min(one.started_at, other.started_at), last_at=max(one.last_at, other.last_at))
    both.ended_at, both.status, both.is_end_estimated = last.ended_at, last.status, last.is_end_estimated
    both.spans = sorted([*one.spans, *other.spans], key=lambda span: span.started_at)
    both.asleep, both.clock_notes = [*one.asleep, *other.asleep], (*one.clock_notes, *other.clock_notes)
    # An arm that was not in force all the time is neither baseline nor changed.
    both.tools = {tool: arm for tool, arm in one.tools.items() if other.tools.get(tool) == arm}
    both.forecast_seconds = None
    known[edit.iteration] = _counted(both)
    known[edit.other] = _ignored(other, f"merged into {edit.iteration}")


def _relabel(known: dict[str, RecordedIteration], edit: Edit, is_withdrawn: bool) -> None:
    old = known[edit.iteration]
    study = str(edit.labels.get("study") or old.study)
    if is_withdrawn:  # it may have been shipped there meanwhile
        known[edit.iteration] = replace(old, former_studies=(*old.former_studies, study))
        return
    new = replace(old, study=study, former_studies=(*old.former_studies, old.study))
    new.name, new.regime = str(edit.labels.get("name", old.name)), str(edit.labels.get("regime", old.regime))
    arms = old.tools | _texts(edit.labels.get("tool"))
    new.tools = {tool: arm for tool, arm in arms.items() if arm}
    phases = _texts(edit.labels.get("phase"))
    new.spans = [_renamed(span, phases) for span in old.spans]
    known[edit.iteration] = _counted(new)


def _ignore(known: dict[str, RecordedIteration], edit: Edit, is_withdrawn: bool) -> None:
    if not is_withdrawn:
        known[edit.iteration] = _ignored(known[edit.iteration], edit.because or "ignored")


def _unignore(known: dict[str, RecordedIteration], edit: Edit, is_withdrawn: bool) -> None:
    old = known[edit.iteration]
    if not is_withdrawn:
        kept = {key: value for key, value in old.corrections.items() if key != IGNORED}
        known[edit.iteration] = _counted(replace(old, corrections=kept))


_HANDLERS = {"split": _split, "merge": _merge, "relabel": _relabel, "ignore": _ignore, "unignore": _unignore}


def _counted(iteration: RecordedIteration) -> RecordedIteration:
    count = int(iteration.corrections.get(EDITS, "0")) + 1
    return replace(iteration, corrections={**iteration.corrections, EDITS: str(count)})


def _ignored(iteration: RecordedIteration, why: str) -> RecordedIteration:
    return replace(_counted(iteration), corrections={**_counted(iteration).corrections, IGNORED: why})


def _renamed(span: Span, phases: Mapping[str, str]) -> Span:
    new = phases.get(span.span.split(".")[0]) or phases.get(span.name)
    return replace(span, name=new) if new and span.kind == "phase" else span


def _alone(spans: list[Span]) -> list[Span]:
    """Drops from `after` what lies in the other part: it ended before this part began."""
    own = {span.span for span in spans}
    return [replace(span, after="-") if span.after not in own | {"", "-"} else span for span in spans]


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}
