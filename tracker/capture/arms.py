"""`tracker.arm`: the arm of this iteration, by the plan in force, written down before any work is done under it."""

import os
from contextvars import ContextVar
from typing import Any

from tracker.capture import context, home
from tracker.capture.encoding import encode_arms
from tracker.capture.plans import UNBOUND, Plan, Slot, current_plan
from tracker.capture.recorder import Recorder, process_recorder


class _Pending:
    """A slot taken before its iteration opened."""

    __slots__ = ("forks", "is_bound", "plan", "slot")

    def __init__(self, plan: Plan, slot: Slot) -> None:
        self.plan = plan
        self.slot = slot
        self.is_bound = False
        self.forks = context.forks


# Per thread and task: two that open iterations side by side must not share a slot.
_pending: ContextVar[dict[str, _Pending] | None] = ContextVar("tracker_pending_arms", default=None)
# How often this process asked before an iteration of its own: what ranks of a launch have in common.
_turns: dict[str, int] = {}


def assigned_arm(tool: str, current: Any | None) -> bool:
    """Returns the arm of an iteration, or of the one that this thread or task opens next.

    Args:
        tool: The tooling change.
        current: The open iteration, or None.

    Returns:
        True for changed; False for baseline, and where no plan is in force, in which case nothing is recorded.
    """
    recorder = process_recorder()
    folder = str(home.home_path())
    if recorder.is_off or not os.path.isdir(os.path.join(folder, "plans")):
        return False
    plan = current_plan(folder, tool)
    if plan is None:
        return False
    return _of_iteration(recorder, plan, current) if current is not None else _of_next(recorder, plan)


def bind_pending(iteration: Any) -> None:
    """Binds what was taken in this thread or task to the iteration that has just opened."""
    pending = _pending.get()
    if not pending:
        return
    _pending.set(None)
    for one in pending.values():
        if not one.is_bound and one.forks == context.forks:
            one.is_bound = True
            one.plan.bind(one.slot, iteration.id)
            _write_down(iteration.recorder, iteration, one.plan, one.slot)


def _of_iteration(recorder: Recorder, plan: Plan, iteration: Any) -> bool:
    taken = plan.take(iteration.id, iteration.id)
    if taken is None:
        return False
    slot, is_new = taken
    if is_new:
        _write_down(recorder, iteration, plan, slot)
    return plan.is_changed(slot)


def _of_next(recorder: Recorder, plan: Plan) -> bool:
    mine = dict(_pending.get() or {})
    waiting = mine.get(plan.tool)
    if waiting is None or waiting.is_bound or waiting.forks != context.forks or waiting.plan.digest != plan.digest:
        taken = plan.take(_key(recorder, plan), UNBOUND)
        if taken is None:
            return False
        waiting = mine[plan.tool] = _Pending(plan, taken[0])
        _pending.set(mine)
    return plan.is_changed(waiting.slot)


def _key(recorder: Recorder, plan: Plan) -> str:
    """A name that no other process makes up, except the other ranks of the same launch at the same turn."""
    turn = _turns[plan.digest] = _turns.get(plan.digest, 0) + 1
    recorder.open()  # finds out whether this process is a rank
    return recorder.ids.new() if recorder.rank is None else f"{recorder.rank.gang}-{turn}"


def _write_down(recorder: Recorder, iteration: Any, plan: Plan, slot: Slot) -> None:
    arms = encode_arms(plan.tools(slot), recorder.report)
    recorder.record(
        "arm_assigned",
        f',"iteration":"{iteration.id}","tools":{arms},"plan":"{plan.digest}","slot":{slot.number}',
    )
    iteration.is_compared = True
