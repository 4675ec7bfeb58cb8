"""A training that a framework runs and tells callbacks about: one job with a stage after another.

    load       until the first batch is there
    compile    the first step: what is built, compiled or tuned at first use
    steady     the steps after it
    evaluate   evaluations in between
    save       checkpoints

In an open iteration the training is a job of it; elsewhere an iteration of its own, named as `TRACKER_NAME`,
`TRACKER_STUDY` and `TRACKER_REGIME` say. A training inside an open job is a stage of that job.
"""

import atexit
import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from tracker.capture.handles import Handle
from tracker.capture.integrations.automatic import AutomaticIteration, named_by_environment
from tracker.capture.integrations.exits import ExitedWithFailure, uncaught_at_exit
from tracker.capture.iterations import current_iteration
from tracker.capture.recorder import contain, process_recorder

LOAD, COMPILE, STEADY, EVALUATE, SAVE = "load", "compile", "steady", "evaluate", "save"
Method = TypeVar("Method", bound=Callable[..., None])


def guarded(method: Method) -> Method:
    """Returns a framework's hook that reports what goes wrong in it, and lets the training go on."""

    @wraps(method)
    def call(*arguments: Any, **options: Any) -> None:
        try:
            method(*arguments, **options)
        except Exception as error:
            contain(error)

    return call  # type: ignore[return-value]


class Training:
    """What is open of one training; none of its methods raises."""

    def __init__(self) -> None:
        self._iteration: Handle | None = None  # only where it is this training's own
        self._iteration_id = ""
        self._job: Any = None
        self._stage: Any = None
        self._stage_name = self._stage_before = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied, or sent to another process with its trainer, it has nothing open there."""
        return Training, ()

    @property
    def stage(self) -> str:
        """The stage that is open; empty where there is none."""
        return self._stage_name

    @guarded
    def begin(self, name: str, *, device: object, config: Mapping[str, object], is_first: bool = True) -> None:
        """Opens the job, in its stage `load`.

        Args:
            name: What the job is called.
            device: Where it runs, as torch writes it.
            config: Scalars that tell this training from others.
            is_first: False in a process that another one of the same training speaks for: outside an iteration it
                records nothing, unless a launcher's variables say which rank it is.
        """
        self.end(ExitedWithFailure())  # the one before has not come to its end
        current = current_iteration()
        if current is None:
            if not is_first and "RANK" not in os.environ:
                return
            current = AutomaticIteration(process_recorder(), **named_by_environment(name))
            self._iteration = current.__enter__()
            atexit.register(self._end_at_exit)
        self._iteration_id = current.id
        self._job = current.job(name, device=device, config=config).__enter__()
        self.enter(LOAD)

    @guarded
    def enter(self, stage: str) -> None:
        """Ends the open stage and opens the next; nothing outside a training."""
        if self._job is None or stage == self._stage_name:
            return
        self._leave_stage(None)
        self._stage_before, self._stage_name = self._stage_name, stage
        self._stage = self._job.stage(stage).__enter__()

    def resume(self) -> None:
        """Goes on with the stage before the last one: what was interrupted by it."""
        self.enter(self._stage_before or STEADY)

    @guarded
    def end(self, reason: BaseException | None = None) -> None:
        """Ends the training, as it would end a block that `reason` has left."""
        job, iteration, self._job, self._iteration = self._job, self._iteration, None, None
        current = current_iteration()
        if job is not None and current is not None and current.id == self._iteration_id:
            self._leave_stage(reason)
            _leave(job, reason)
        self._stage = None
        self._stage_name = self._stage_before = ""
        if iteration is not None:
            atexit.unregister(self._end_at_exit)
            _leave(iteration, reason)

    def _end_at_exit(self) -> None:
        """The framework has not said that it ended: something else has ended it."""
        self.end(uncaught_at_exit() or ExitedWithFailure())

    def _leave_stage(self, reason: BaseException | None) -> None:
        stage, self._stage = self._stage, None
        if stage is not None:
            _leave(stage, reason)


def _leave(handle: Any, reason: BaseException | None) -> None:
    handle.__exit__(None if reason is None else type(reason), reason, None)
