"""`mix`: why toy and real loops gain differently, and what a change is worth for old and for new work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tracker.speedup.columns import SCRIPTED, FloatArray, IntArray
from tracker.speedup.composition.cells import Cells
from tracker.speedup.composition.figures import Question, curve, gap, group_speedups, shift, uplift
from tracker.speedup.composition.loops import Compared, merge_appearing, read_compared
from tracker.speedup.composition.results import Mix
from tracker.speedup.composition.uplift import Layout
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.refusals import FEWEST
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.results import WHAT_IF, NotEstimable

BY = ("regime", "study")  # never a person: people are not set against each other
FEW_CLUSTERS = 10


def mix(
    spans: Any,
    *,
    by: str = "regime",
    tool: str | None = None,
    changes: Change | str | Iterable[Change | str] | None = None,
    between: tuple[str, str] | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> Mix | NotEstimable:
    """Splits the gap between toy and real loops into the same work going otherwise and other work.

    What is split depends on what the table holds. With a tool whose two arms are recorded, or with `changes` to replay,
    it is the share of the seconds that is saved: weights are the parts' shares of the loop, rates the share saved of
    each part. Without either it is the seconds of a loop: weights are the spans of each part in a loop, rates the
    seconds of one. `shift` splits the difference between the two sides (arms, or earlier and later half) over groups.

    Args:
        spans: A spans table (path, Arrow table, data frame, mapping).
        by: What divides the loops: `regime` or `study`.
        tool: Name of the tool whose arms to compare; may be left out where only one has both.
        changes: Changes to replay instead, as in `what_if`.
        between: The two groups to set against each other; toy and real where both occur, else the only two.
        cluster: None takes loops (neighbours together where they resemble each other) as the unit of chance, `person`
            or `study` those.
        level: Nominal coverage of the intervals.

    Returns:
        Decompositions, speedups, curve and uplifts, each with its interval or the reason why there is none.

    Raises:
        ValueError: An argument or the table is wrong.
    """
    _check(by, cluster, level)
    compared = read_compared(spans, tool, changes)
    group, names = _groups(compared, by)
    pair = _pair(names, between, by)
    if isinstance(pair, NotEstimable):
        return pair
    if compared.chosen.size < 2 * FEWEST:
        return NotEstimable(
            f"{compared.chosen.size} finished iterations, at least {2 * FEWEST} are needed", "record more of them"
        )
    compared, joined = merge_appearing(compared, group) if compared.has_change else (compared, ())
    question = _question(compared, group, names, pair, cluster, level)
    return _answer(question, compared, by, joined)


def _check(by: str, cluster: str | None, level: float) -> None:
    if by not in BY:
        raise ValueError(f"by == {by!r}, must be one of {', '.join(BY)}")
    if cluster not in (None, "person", "study"):
        raise ValueError(f"cluster == {cluster!r}, must be None, 'person' or 'study'")
    if isinstance(level, bool) or not 0 < level < 1:
        meant = f"; did you mean {level / 100:g}?" if 1 < level < 100 else ""
        raise ValueError(f"level == {level}, must be in (0, 1){meant}")


def _labels(graph: ReplayGraph, index: IntArray, by: str) -> tuple[IntArray, tuple[str, ...]]:
    spans = graph.spans
    of, words = {
        "regime": (spans.regime_of, spans.regimes),
        "study": (spans.study_of, spans.studies),
        "person": (spans.person_of, spans.persons),
    }[by]
    return of[index], words


def _groups(compared: Compared, by: str) -> tuple[IntArray, tuple[str, ...]]:
    """Group of each loop and the groups' names: toy and real first, then the others."""
    codes, words = _labels(compared.graph, compared.graph.iterations.index[compared.chosen], by)
    present = [words[code] for code in np.unique(codes)]
    names = [name for name in ("toy", "real") if name in present]
    names += sorted(set(present) - set(names))
    place = {name: number for number, name in enumerate(names)}
    return np.array([place[words[code]] for code in codes], np.int64), tuple(names)


def _pair(names: tuple[str, ...], between: tuple[str, str] | None, by: str) -> tuple[int, int] | NotEstimable:
    if between is not None:
        unknown = [name for name in between if name not in names]
        if unknown or len(set(between)) != 2:
            raise ValueError(f"between == {between!r}, must be two of {', '.join(names)}")
        return names.index(between[0]), names.index(between[1])
    if len(names) < 2:
        only = f"all iterations have {by} == {names[0]!r}" if names else "there is no finished iteration"
        return NotEstimable(only, f"record iterations of another {by}, at least {FEWEST} of each")
    if names[:2] != ("toy", "real") and len(names) > 2:
        raise ValueError(f"there are {len(names)} groups: {', '.join(names)}; name two of them with between")
    return 0, 1


def _question(
    compared: Compared,
    group: IntArray,
    names: tuple[str, ...],
    pair: tuple[int, int],
    cluster: str | None,
    level: float,
) -> Question:
    graph, index = compared.graph, compared.graph.iterations.index[compared.chosen]
    values: FloatArray = np.column_stack([compared.seconds, compared.changed_seconds, compared.count])
    cells = Cells(
        of=group * 2 + compared.side,
        n=2 * len(names),
        values=values,
        stream=graph.spans.person_of[index],
        started=graph.iterations.started[compared.chosen],
        cluster=None if cluster is None else _labels(graph, index, cluster)[0],
    )
    layout = Layout(len(names), len(compared.part_names), compared.is_paired)
    return Question(cells, layout, compared, names, pair, level)


def _answer(question: Question, compared: Compared, by: str, joined: tuple[str, ...]) -> Mix:
    graph, index = compared.graph, compared.graph.iterations.index[compared.chosen]
    persons = {graph.spans.persons[code] for code in np.unique(graph.spans.person_of[index])}
    worth = uplift(question)
    clusters = None if question.cells.cluster is None else int(np.unique(question.cells.cluster).size)
    recorded = {graph.spans.evidences[code] or "measured" for code in np.unique(graph.spans.evidence_of[index])}
    return Mix(
        by=by,
        change=compared.change,
        gap=gap(question),
        shift=shift(question),
        groups=group_speedups(question),
        curve=curve(question),
        uplift=worth,
        level=question.level,
        method=_method(question, clusters),
        n=int(compared.chosen.size),
        n_clusters=clusters,
        n_people=len(persons - {SCRIPTED}),
        n_studies=int(np.unique(graph.spans.study_of[index]).size),
        evidence=WHAT_IF if compared.is_paired else " and ".join(sorted(recorded)),
        cautions=tuple(_cautions(question, compared, persons, joined, worth)),
    )


def _method(question: Question, clusters: int | None) -> str:
    unit = "iterations within group and side, neighbours together where they resemble each other"
    if clusters is not None:
        unit = f"{clusters} clusters"
    return f"Kitagawa (1955); jackknife over {unit}; Student t"


def _cautions(
    question: Question, compared: Compared, persons: set[str], joined: tuple[str, ...], worth: object
) -> list[str]:
    found = []
    unfinished = compared.graph.n_unfinished
    if unfinished:
        found.append(f"{unfinished} unfinished iterations left out: long loops are likelier to be unfinished")
    if persons == {SCRIPTED}:
        found.append("scripted researcher: no human time")
    elif len(persons) == 1:
        found.append("conditional on one person: says nothing about how others differ")
    if compared.is_measured:
        found.append("arms are compared as recorded: without randomisation the difference may have other causes")
    if joined:
        found.append(f"{', '.join(joined)} occurs only with the change and is counted with the rest of the loop")
    if getattr(worth, "is_ordered", True) is False:
        found.append(
            "the new mix gains less than the old one: work moved away from where the change helps, so the value need "
            "not lie between the two"
        )
    cluster = question.cells.cluster
    if cluster is not None and np.unique(cluster).size < FEW_CLUSTERS:
        found.append(f"{np.unique(cluster).size} clusters: fewer than {FEW_CLUSTERS} say little about others")
    return found
