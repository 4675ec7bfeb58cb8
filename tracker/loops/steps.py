"""Runs the steps of a refresh, two at a time, each as soon as what it needs is there.

A statement over few rows keeps one core busy, however many there are, and so does a file that is written in order. Two
statements beside each other keep two busy; the database should have been given one thread less, because the second
step brings its own.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from tracker.loops.statements import Connection

AT_ONCE = 2


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: Of which there is one.
        run: Is called with a cursor that no other step uses at the time. Tables and views are there for other steps,
            temporary ones and what was registered are not.
        after: The steps that must have ended before.
    """

    name: str
    run: Callable[[Connection], Any]
    after: tuple[str, ...] = ()


def run_steps(connection: Connection, steps: Sequence[Step]) -> dict[str, Any]:
    """Runs all steps; where several can begin, the first of them does.

    Returns:
        What each returned, by name.

    Raises:
        ValueError: Two steps have one name, or a step waits for one that is not there, or for itself.
        Exception: What the first step that failed raised, when the one beside it has ended; no step begins after it.
    """
    waiting, done = {step.name: step for step in steps}, dict[str, Any]()
    if len(waiting) < len(steps):
        raise ValueError(f"two steps have one name: {', '.join(sorted(step.name for step in steps))}")
    idle, running = [connection.cursor() for _ in range(AT_ONCE)], dict[Future[Any], tuple[str, Connection]]()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while waiting or running:
            ready = [step for step in waiting.values() if done.keys() >= set(step.after)]
            for step in ready[: len(idle)]:
                cursor = idle.pop()
                running[pool.submit(waiting.pop(step.name).run, cursor)] = step.name, cursor
            if not running:
                raise ValueError(f"nothing can begin of the steps {', '.join(waiting)}")
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                name, cursor = running.pop(ended)
                done[name] = ended.result()
                idle.append(cursor)
    return done
