"""Jobs in processes of this machine, one process for each job.

A process of its own for each job rather than a pool: one that is killed takes no other job with it, and its memory
is the system's again when it ends. A fork server that has imported torch makes such a process in milliseconds.
"""

import multiprocessing
import pickle
import resource
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from studies.executors.executor import Job, Preempted, WorkerLost, call, value_of

# torch._dynamo too: the first optimiser of a process imports it, which takes over a second.
_PRELOADED = ["torch", "torch._dynamo", "studies.driver"]


class Processes:
    """At most `width` processes at a time.

    Args:
        width: how many; more than there are cores only makes them wait for each other.
        memory_bytes: address space that each may use; None for no limit.
    """

    def __init__(self, width: int, *, memory_bytes: int | None = None) -> None:
        self.width, self.memory_bytes = width, memory_bytes
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self._handles: list[ProcessHandle] = []

    def submit(self, job: Job) -> "ProcessHandle":
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=_answer, args=(theirs, pickle.dumps(job), self.memory_bytes), name=job.name
        )
        process.start()
        theirs.close()
        self._handles.append(ProcessHandle(process, ours))
        return self._handles[-1]

    def close(self) -> None:
        """End what still runs."""
        for handle in self._handles:
            handle.process.terminate()
            handle.process.join()


class ProcessHandle:
    """A job in its process."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process, self._connection = process, connection

    def done(self) -> bool:
        return self._connection.poll() or not self.process.is_alive()

    def result(self) -> Any:
        try:
            answer = pickle.loads(self._connection.recv_bytes())
        except EOFError:
            self.process.join()
            raise lost(self.process.exitcode or 0) from None
        self.process.join()
        return value_of(answer)


def lost(exit_code: int) -> WorkerLost:
    """What a process says that ended without an answer: a negative exit code is the signal that ended it."""
    if exit_code == -signal.SIGTERM:
        return Preempted("the process was asked to end (SIGTERM)")
    if exit_code == -signal.SIGKILL:
        return WorkerLost("the process was killed (SIGKILL), which is also what the kernel does when memory runs out")
    return WorkerLost(f"the process ended with exit code {exit_code} and no answer")


def _answer(connection: Connection, job: bytes, memory_bytes: int | None) -> None:
    if memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # Plain pickle: torch teaches the connection's own to share a tensor's memory, which is gone with this process.
    connection.send_bytes(pickle.dumps(call(_Pickled(job))))


@dataclass(frozen=True)
class _Pickled:
    """A job that is read from its bytes only when it is called: one that can't be read has raised, as any other."""

    job: bytes

    def __call__(self) -> Any:
        return pickle.loads(self.job)()
