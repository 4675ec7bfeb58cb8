"""`edit`: corrects the record by events of its own; nothing recorded is changed, and every edit can be undone."""

import argparse
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tracker.capture.edits import ACTIONS, IGNORED, Edit, apply, undone
from tracker.capture.home import journal_folder
from tracker.capture.spans import RecordedIteration
from tracker.commands.matching import one_iteration, one_name
from tracker.commands.printing import print_json, print_table
from tracker.shipping.addresses import shown_uri, store_uri
from tracker.shipping.edit_log import append_edit
from tracker.shipping.errors import ShippingError
from tracker.shipping.recorded_home import RecordedHome, read_home

EXAMPLE = 'edit ignore 019cb7f0 --because "the cluster was down"'
TAKES = {"merge": 2}
ARMS = ("baseline", "changed", "")
PENDING = "pending"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=ACTIONS, help="what to do; merge takes two iterations, undo an edit"
    )
    parser.add_argument("targets", nargs="*", metavar="ITERATION", help="an id, its beginning, or a name")
    parser.add_argument("--at", metavar="INSTANT", help="split: ISO 8601, UTC unless it says otherwise")
    parser.add_argument(
        "--after", metavar="SPAN", help="split: at the end of this span (an id, or a name that occurs once)"
    )
    parser.add_argument("--name", help="relabel: the iteration's name; split: the second part's")
    parser.add_argument("--study", help="relabel: the study")
    parser.add_argument("--regime", help="relabel: the regime")
    parser.add_argument("--tool", action="append", default=[], metavar="NAME=ARM", help="baseline, changed or nothing")
    parser.add_argument("--phase", action="append", default=[], metavar="OLD=NEW", help="relabel a phase")
    parser.add_argument("--because", default="", help="why; kept with the edit")
    parser.add_argument("--log", action="store_true", help="list the edits made, those undone too")
    parser.add_argument("--json", action="store_true", help="print the edit, or the log, as JSON")


def run(options: argparse.Namespace) -> int:
    recorded = read_home(options.home)
    if options.log:
        return _print_log(recorded, options)
    if options.action is None:
        raise ValueError(f"edit needs what to do: one of {', '.join(ACTIONS)}, or --log")
    if len(options.targets) != TAKES.get(options.action, 1):
        raise ValueError(
            f"edit {options.action} takes {TAKES.get(options.action, 1)} of them, not {len(options.targets)}"
        )
    if not options.because.strip():
        raise ValueError("an edit needs a reason that can be read later: add --because TEXT")
    edit = _MAKERS[options.action](recorded, options)
    is_news = _changes(recorded, edit)
    made = append_edit(options.home, edit) if is_news else edit
    _print_made(made, is_news, options)
    return 0


def _split(recorded: RecordedHome, options: argparse.Namespace) -> Edit:
    iteration = _ended(recorded, options.targets[0], options.home)
    if (options.at is None) == (options.after is None):
        raise ValueError("edit split needs either --at INSTANT or --after SPAN")
    at = _instant_us(options.at) if options.at is not None else _end_of(iteration, options.after)
    labels = {"name": options.name} if options.name else {}
    # The second part's id sorts right after the first's, and the same split gives the same id.
    edit = _edit("split", iteration, options, other=f"{iteration.iteration}-{at:x}", at=at, labels=labels)
    if _changes(recorded, edit):
        _check_split(iteration, at)
    return edit


def _check_split(iteration: RecordedIteration, at: int) -> None:
    if not iteration.started_at < at < (iteration.ended_at or 0):
        raise ValueError(f"{_iso(at)} does not lie within {_iso(iteration.started_at)} to {_iso(iteration.ended_at)}")
    for span in iteration.spans:
        if span.kind in ("job", "stage") and span.started_at < at < (span.ended_at or at):
            raise ValueError(
                f"the {span.kind} {span.name!r} runs across {_iso(at)}; split at {_iso(span.ended_at)} or before"
            )


def _merge(recorded: RecordedHome, options: argparse.Namespace) -> Edit:
    one, other = sorted(
        (_ended(recorded, text, options.home) for text in options.targets), key=lambda each: each.started_at
    )
    if one.iteration == other.iteration:
        raise ValueError("both are the same iteration")
    if one.study != other.study:
        raise ValueError(f"they belong to two studies, {one.study!r} and {other.study!r}: relabel one of them first")
    return _edit("merge", one, options, other=other.iteration)


def _relabel(recorded: RecordedHome, options: argparse.Namespace) -> Edit:
    iteration = _one(recorded, options.targets[0], options.home)
    given = {name: getattr(options, name) for name in ("name", "study", "regime")}
    labels: dict[str, Any] = {name: text for name, text in given.items() if text is not None}
    if options.tool:
        labels["tool"] = {tool: _arm(arm) for tool, arm in _pairs(options.tool, "--tool NAME=ARM")}
    if options.phase:
        labels["phase"] = dict(_pairs(options.phase, "--phase OLD=NEW"))
        phases = [span for span in iteration.spans if span.kind == "phase"]
        for old in labels["phase"]:
            one_name(old, [text for span in phases for text in (span.name, span.span)], "phase")
    if not labels:
        raise ValueError("edit relabel needs one of --name, --study, --regime, --tool, --phase")
    return _edit("relabel", iteration, options, labels=labels)


def _ignore(recorded: RecordedHome, options: argparse.Namespace) -> Edit:
    return _edit(options.action, _one(recorded, options.targets[0], options.home), options)


def _undo(recorded: RecordedHome, options: argparse.Namespace) -> Edit:
    chosen = one_iteration(options.targets[0], [(edit.edit, edit.action) for edit in recorded.edits])
    edit = next(edit for edit in recorded.edits if edit.edit == chosen)
    return Edit(PENDING, "undo", edit.iteration, other=edit.edit, because=options.because)


_MAKERS = {"split": _split, "merge": _merge, "relabel": _relabel, "ignore": _ignore, "unignore": _ignore, "undo": _undo}


def _edit(action: str, iteration: RecordedIteration, options: argparse.Namespace, **more: Any) -> Edit:
    return Edit(PENDING, action, iteration.iteration, because=options.because, **more)


def _changes(recorded: RecordedHome, edit: Edit) -> bool:
    """An edit that says what is already so is not made again."""
    if edit.action == "undo":
        return edit.other not in undone(recorded.edits)
    before = {one.iteration: one for one in recorded.iterations}
    if edit.action == "split":
        return edit.other not in before or IGNORED in before[edit.other].corrections
    if edit.action == "ignore":
        return IGNORED not in before[edit.iteration].corrections
    after = {one.iteration: one for one in apply(recorded.iterations, [edit])}
    return any(_content(one) != _content(before.get(name)) for name, one in after.items())


def _content(iteration: RecordedIteration | None) -> object:
    """What an iteration says, without how many edits made it so; of its being ignored, whether and not why."""
    if iteration is None:
        return None
    return replace(iteration, corrections={}, former_studies=()), IGNORED in iteration.corrections


def _one(recorded: RecordedHome, text: str, home: Path) -> RecordedIteration:
    known = {one.iteration: one for one in recorded.iterations}
    try:
        return known[one_iteration(text, [(one.iteration, one.name) for one in known.values()])]
    except ValueError as error:
        raise ValueError(f"{error}{_elsewhere(text, home)}") from error


def _elsewhere(text: str, home: Path) -> str:
    """Says so where MLflow has what the journal does not: an edit corrects recorded events, and has none to correct."""
    from tracker.shipping.erasing_runs import RunEraser  # with MLflow, which takes seconds

    try:
        found = RunEraser(store_uri(home)).stored_like(text)
    except ShippingError as error:
        return f"; {error}"
    if not found:
        return ""
    return (
        f"; {found[0].iteration} ({found[0].name}) is in MLflow at {shown_uri(store_uri(home))}; its journal is not "
        f"in {journal_folder(home)}: it was pruned, or recorded on another host. An edit needs the recorded events: "
        "make it in the home folder that has them, before they are pruned. `delete` works here"
    )


def _ended(recorded: RecordedHome, text: str, home: Path) -> RecordedIteration:
    iteration = _one(recorded, text, home)
    if iteration.ended_at is None:
        raise ValueError(f"{iteration.iteration} ({iteration.name}) is still open; split and merge take what has ended")
    return iteration


def _end_of(iteration: RecordedIteration, text: str) -> int:
    chosen = one_iteration(text, [(span.span, span.name) for span in iteration.spans])
    span = next(span for span in iteration.spans if span.span == chosen)
    if span.ended_at is None:
        raise ValueError(f"the {span.kind} {span.name!r} has no end")
    return span.ended_at


def _arm(text: str) -> str:
    if text not in ARMS:
        raise ValueError(f"arm == {text!r}, must be baseline, changed, or nothing for not recorded")
    return text


def _pairs(texts: list[str], form: str) -> list[tuple[str, str]]:
    for text in texts:
        if "=" not in text:
            raise ValueError(f"{text!r} is not of the form {form}")
    return [(text.partition("=")[0], text.partition("=")[2]) for text in texts]


def _instant_us(text: str) -> int:
    instant = datetime.fromisoformat(text)
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _iso(microseconds: int | None) -> str:
    return "?" if microseconds is None else (_EPOCH + timedelta(microseconds=microseconds)).isoformat()


def _print_made(edit: Edit, is_news: bool, options: argparse.Namespace) -> None:
    if options.json:
        print_json({"is_new": is_news, "edit": edit})
    elif not is_news:
        print("it is so already; nothing was written")
    else:
        print(f"edit {edit.edit}: {edit.action} {edit.iteration}{' ' + edit.other if edit.other else ''}")
        print("run `python -m tracker sync` and `refresh` to carry it on; `edit undo` takes it back")


def _print_log(recorded: RecordedHome, options: argparse.Namespace) -> int:
    withdrawn = undone(recorded.edits)
    wanted = {_one(recorded, text, options.home).iteration for text in options.targets}
    edits = [edit for edit in recorded.edits if not wanted or wanted & {edit.iteration, edit.other}]
    if options.json:
        print_json([{**vars(edit), "is_undone": edit.edit in withdrawn} for edit in edits])
        return 0
    header = ("edit", "when", "who", "what", "iteration", "", "why")
    rows = [
        (edit.edit, _iso(edit.wall_ns // 1_000), edit.person, *_words(edit, edit.edit in withdrawn)) for edit in edits
    ]
    print_table(header, rows)
    return 0


def _words(edit: Edit, is_undone: bool) -> tuple[str, ...]:
    labels = ", ".join(f"{key}={value}" for key, value in edit.labels.items())
    return f"{edit.action}{' (undone)' if is_undone else ''}", edit.iteration, edit.other or labels, edit.because
