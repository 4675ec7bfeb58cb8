"""Iterations that nobody wrote into their code: they carry the rule by which phases between their jobs are inferred."""

import os
from collections.abc import Callable
from typing import Any

from tracker.capture.clock import Clock
from tracker.capture.encoding import encode_scalars
from tracker.capture.home import home_path
from tracker.capture.integrations.gap_rule import GapRule, read_rule
from tracker.capture.integrations.turns import claim_gap, mark_end
from tracker.capture.iterations import Iteration
from tracker.capture.recorder import Recorder, contain


def named_by_environment(name: str) -> dict[str, str]:
    """Returns what an iteration is called where no call could say it; `name` where nobody did."""
    return {
        "name": os.environ.get("TRACKER_NAME") or name,
        "study": os.environ.get("TRACKER_STUDY") or "default",
        "regime": os.environ.get("TRACKER_REGIME", ""),
    }


class AutomaticIteration(Iteration):
    """An iteration around a command, a script or a notebook; it begins with the gap before it."""

    def __init__(self, recorder: Recorder, name: object, **options: Any) -> None:
        super().__init__(recorder, name, **options)
        self.rule = self._or_else(lambda: read_rule(home_path()), GapRule())
        self._since_ns: int | None = None

    def _open(self) -> None:
        # Of ranks that start together the first one speaks for the iteration, and so for the gap before it.
        if not self.recorder.is_off and os.environ.get("RANK", "0") == "0":
            self._since_ns = self._or_else(lambda: claim_gap(home_path(), Clock()), None)
        super()._open()

    def _details(self) -> str:
        details = super()._details() + f',"gap_rule":{encode_scalars(self.rule.as_recorded())}'
        return details if self._since_ns is None else f'{details},"since_wall_ns":{self._since_ns}'

    def _close(self, node: Any, status: str) -> None:
        super()._close(node, status)
        if self.recorder.segment:
            self._or_else(lambda: mark_end(home_path(), Clock()), None)

    def _or_else(self, read: Callable[[], Any], otherwise: Any) -> Any:
        """Returns what `read` returns; what goes wrong is said, and costs no more than what was to be read."""
        try:
            return read()
        except Exception as error:
            contain(error, self.recorder)
            return otherwise
