"""MLflow's run-context provider: a run that the user starts inside an iteration is tagged with that iteration's id.

MLflow itself loads `RunContext` through the entry-point group `mlflow.run_context_provider` (pyproject.toml), asks it
at each `mlflow.start_run`, and wants two methods, no base class: so the hook names mlflow nowhere. The tag is not
`tracker.iteration`, which marks the runs that we write and may correct or delete: the user's own are theirs.
"""

from tracker.capture.iterations import Iteration, current_iteration
from tracker.capture.recorder import contain, is_switched_off

TAG = "loopgauge.iteration"


class RunContext:
    """Says which iteration is open around the call: of this thread, this process, or the one that started it."""

    def in_context(self) -> bool:
        """True where an iteration is open that is being recorded."""
        return bool(self.tags())

    def tags(self) -> dict[str, str]:
        """Returns the tag; nothing outside an iteration, and when recording is off."""
        try:
            current = None if is_switched_off() else current_iteration()
            return {TAG: current.id} if isinstance(current, Iteration) and current.id else {}
        except Exception as error:
            contain(error)
            return {}
