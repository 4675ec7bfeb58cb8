"""Jobs one after another in this process: the baseline, and what every other executor has to agree with."""

from typing import Any

from studies.executors.executor import Cause, Job, call, value_of


class InProcess:
    """Runs each job as it is submitted."""

    width = 1

    def submit(self, job: Job) -> "Answer":
        return Answer(call(job))

    def close(self) -> None:
        """Nothing is held."""


class Answer:
    """What a call returned or raised."""

    def __init__(self, answer: tuple[Cause | None, Any]) -> None:
        self._answer = answer

    def done(self) -> bool:
        return True

    def result(self) -> Any:
        return value_of(self._answer)
