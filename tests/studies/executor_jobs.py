"""What the executors' tests run elsewhere: importable by name from any worker."""

import os
import signal
from dataclasses import replace
from pathlib import Path

from studies.toy.compressed_computation.agenda import CompressedComputation
from studies.toy.compressed_computation.config import TOY


def double(number: int) -> int:
    return 2 * number


def raise_error(error: BaseException) -> None:
    raise error


def allocate(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def end_once(flag: str, signal_number: int) -> str:
    """Ends its own process by a signal the first time, and answers the second."""
    if not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal_number)
    return "answered"


def end_always(signal_number: int) -> None:
    os.kill(os.getpid(), signal_number)


def read_variable(name: str) -> str | None:
    return os.environ.get(name)


KILL, TERMINATE = int(signal.SIGKILL), int(signal.SIGTERM)


class KilledOnce(CompressedComputation):
    """Its first variant kills the process that trains it, once; the second asks for memory that is not there."""

    def __init__(self, flag: str) -> None:
        base = replace(TOY, features=4, neurons=2, embedding_dim=20, steps=5, batch_rows=8, evaluation="exact")
        super().__init__(base)
        self.flag = flag

    def train(self, variant, built, job):
        first, second = (one.name for one in self.first_plan().variants[:2])
        if variant.name == first:
            end_once(self.flag, KILL)
        if variant.name == second:
            raise MemoryError("no more memory could be had")
        return super().train(variant, built, job)
