"""What-if: what the recorded iterations would have taken under some tooling changes.

Every iteration is replayed as it was and as changed, and the two wall-clocks are compared. By default waits are
frozen: a job queues as long as it did when it was recorded, and the seconds saved are not put to other use; `answer=`
asks for the other two answers.

The interval says how much the answer would move with other iterations of the same kind, of these people and in this
mix of regimes, and with what is not known of the change; `cluster="person"` asks about other people. It takes the graph
as exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray
from tracker.speedup.counterfactual.answering import Answerer
from tracker.speedup.counterfactual.changes import Change, as_changes
from tracker.speedup.counterfactual.estimation import Answered, estimate
from tracker.speedup.counterfactual.overlapped_waiting import changed_and_absorbed
from tracker.speedup.counterfactual.replaying import Replayer
from tracker.speedup.counterfactual.selection import check_targets
from tracker.speedup.counterfactual.unknowns import at_centre, drawn_changes, unknowns_of
from tracker.speedup.queueing.sharing import fit_queue
from tracker.speedup.refusals import FEWEST as FEWEST
from tracker.speedup.replay.graph import ReplayGraph, replay_graph
from tracker.speedup.replay.working_hours import WorkingHours
from tracker.speedup.results import MIXED, NotEstimable, WhatIf
from tracker.speedup.settings import Settings, check_settings


def what_if(
    spans: Any,
    changes: Change | str | Iterable[Change | str],
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: WorkingHours | str | None = None,
    answer: str = "frozen",
    people: float | None = None,
    machines: int | None = None,
    prediction: int | tuple[int, int] | None = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
    blocked: bool = False,
) -> WhatIf | NotEstimable:
    """Estimates the speedup that changes would have given to recorded iterations.

    Args:
        spans: A spans table (path, Arrow table, data frame, mapping), or a `ReplayGraph` made of one.
        changes: One change or several, which are replayed together.
        estimand: `total` (all baseline seconds / all changed seconds), `geometric_mean` (of the iterations' own
            speedups) or `median` (median baseline seconds / median changed seconds).
        cluster: None resamples iterations; a column such as `person` or `study` resamples its values whole, to speak
            about others like them.
        calendar: When people are at work, such as `Mon-Fri 09:00-18:00 Europe/Berlin`; None counts elapsed time alone.
        answer: `frozen`, `queue` (solved again) or `reinvested` (the time saved goes into further loops).
        people: For the last two: how many share the machines; None counts the loops in progress at once.
        machines: For the last two: how many they share; None finds the number that explains the recorded waits best.
        prediction: How many iterations of each arm a later measurement will have, or (baseline, changed): asks for the
            interval in which the measured speedup will lie.
        level: Nominal coverage of the interval, between 0 and 1.
        draws: Bootstrap draws, at least 100.
        rng: A generator or a seed; None always takes the same seed.
        blocked: With `prediction`: the arms will be taken by turns, in blocks of four iterations that hold both twice,
            so that what changes more slowly than that meets both arms alike and is left out of the interval.

    Returns:
        The speedup with its interval, or why there is none.

    Raises:
        ValueError: An argument or the table is wrong, or a target is in none of the iterations.
    """
    settings = check_settings(
        estimand=estimand,
        cluster=cluster,
        calendar=calendar,
        answer=answer,
        people=people,
        machines=machines,
        prediction=prediction,
        level=level,
        draws=draws,
        rng=rng,
        blocked=blocked,
    )
    graph = replay_graph(spans)
    everything = np.ones(graph.spans.n_iterations, np.bool_)
    return answers(graph, changes, {MIXED: everything}, settings)[MIXED]


def by_regime(
    spans: Any,
    changes: Change | str | Iterable[Change | str],
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: WorkingHours | str | None = None,
    answer: str = "frozen",
    people: float | None = None,
    machines: int | None = None,
    prediction: int | tuple[int, int] | None = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> dict[str, WhatIf | NotEstimable]:
    """The same what-if for each regime apart, and under `mixed` for all iterations as they are.

    Args and errors are those of `what_if`.

    Returns:
        From regime to result: `toy`, `real`, then other labels, then `mixed`.
    """
    settings = check_settings(
        estimand=estimand,
        cluster=cluster,
        calendar=calendar,
        answer=answer,
        people=people,
        machines=machines,
        prediction=prediction,
        level=level,
        draws=draws,
        rng=rng,
    )
    graph = replay_graph(spans)
    return answers(graph, changes, regimes_of(graph), settings)


def by_study(
    spans: Any, changes: Change | str | Iterable[Change | str], **settings: Any
) -> dict[str, WhatIf | NotEstimable]:
    """The same what-if for each study apart, in order of first appearance; `pool_studies` takes it.

    Args and errors are those of `what_if`.
    """
    graph = replay_graph(spans)
    table = graph.spans
    groups = {table.studies[code]: table.study_of == code for code in np.unique(table.study_of)}
    return answers(graph, changes, groups, check_settings(**settings))


def answers(
    graph: ReplayGraph,
    changes: Change | str | Iterable[Change | str],
    groups: dict[str, BoolArray],
    settings: Settings,
) -> dict[str, WhatIf | NotEstimable]:
    """One replay of all iterations, estimated for each group of them."""
    return estimate_groups(graph, answered_of(graph, changes, settings), groups, settings)


def answered_of(
    graph: ReplayGraph, changes: Change | str | Iterable[Change | str], settings: Settings
) -> Answered | NotEstimable:
    """Replays all iterations under changes, whose targets must be in the graph."""
    parsed = as_changes(changes)
    if graph.n:
        check_targets(graph, parsed)
    return answer_for_all(graph, parsed, settings)


def estimate_groups(
    graph: ReplayGraph, answered: Answered | NotEstimable, groups: dict[str, BoolArray], settings: Settings
) -> dict[str, WhatIf | NotEstimable]:
    """What a replay of all iterations says of each group of them."""
    if isinstance(answered, NotEstimable):
        return dict.fromkeys(groups, answered)
    return {name: estimate(graph, answered, wanted, settings) for name, wanted in groups.items()}


def answer_for_all(graph: ReplayGraph, changes: tuple[Change, ...], settings: Settings) -> Answered | NotEstimable:
    """The replayed seconds of all iterations, whatever group of them is asked about; all share one queue."""
    answerer = answerer_of(graph, settings)
    if isinstance(answerer, NotEstimable):
        return answerer
    known = at_centre(changes)
    ratio = answerer.ratio(known)
    seconds, absorbed = changed_and_absorbed(answerer.replayer, known, ratio)
    return Answered(
        changes=changes,
        seconds=seconds,
        drawn=_drawn(answerer, changes, settings),
        absorbed=absorbed,
        queue=answerer.queue,
        queue_ratio=ratio,
    )


def answerer_of(graph: ReplayGraph, settings: Settings) -> Answerer | NotEstimable:
    """Replays under the calendar, and with the queue that the answer asks for."""
    replayer = Replayer(graph, settings.calendar)
    if settings.answer == "frozen" or graph.n == 0:
        return Answerer(replayer, settings.answer, None)
    queue = fit_queue(graph, people=settings.people, machines=settings.machines)
    return queue if isinstance(queue, NotEstimable) else Answerer(replayer, settings.answer, queue)


def _drawn(answerer: Answerer, changes: tuple[Change, ...], settings: Settings) -> tuple[FloatArray, ...]:
    """Seconds for each draw of what is not known: numbers of the changes, and how the queue answers."""
    error = answerer.ratio_error(at_centre(changes))
    if not unknowns_of(changes) and error == 0:
        return ()
    draws = drawn_changes(changes, answerer.replayer.graph.nodes.size, settings.generator())
    return tuple(answerer.seconds(known, shift=error * normal) for known, normal in draws)


def regimes_of(graph: ReplayGraph) -> dict[str, BoolArray]:
    """From regime to its iterations (True in the table's numbering), `toy` and `real` first and `mixed` last."""
    spans = graph.spans
    present = {spans.regimes[code]: spans.regime_of == code for code in np.unique(spans.regime_of)}
    first = [regime for regime in ("toy", "real") if regime in present]
    rest = sorted(set(present) - set(first))
    everything = np.ones(spans.n_iterations, np.bool_)
    return {**{regime: present[regime] for regime in first + rest}, MIXED: everything}
