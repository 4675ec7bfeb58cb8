"""Answers of a function, kept: the jobs of a sweep have the same names, devices and keys of settings each time."""

from __future__ import annotations

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_KEPT = 256  # a program that makes up names without end must not fill the memory


class Answers(dict[object, str]):
    """Answers by what was asked, the first ones kept. `functools.lru_cache` is as quick, and costs 2 ms to import."""

    def __init__(self, function: Callable[[Any], str]) -> None:
        self._function = function

    def __missing__(self, question: object) -> str:
        answer = self._function(question)
        if len(self) < MOST_KEPT:
            self[question] = answer
        return answer
