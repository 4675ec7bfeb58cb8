"""Attempts: how a process that was started again finds the iteration it goes on with.

A job that Slurm requeued or torchrun restarted has the same job id and a higher restart count: its iteration is found
by study, name and job id. `resume=True` finds the last unfinished iteration of that study and name that said
`resume=True` as well, and `resume=ID` names one. What has finished is never resumed. The note that tells lies in the
home folder, which all attempts must share, under a digest: neither names nor job ids stand in it.
"""

from __future__ import annotations

import os

ID_CHARACTERS = 28
# Slurm counts requeues, torchrun the restarts of its workers; neither is set outside of them.
_COUNTS = ("SLURM_RESTART_COUNT", "TORCHELASTIC_RESTART_COUNT")


class Note:
    """What an attempt leaves for the next one: its iteration, how often it had been restarted, where it recorded."""

    def __init__(self, study: object, name: object, resume: bool | str = False) -> None:
        job = scheduler_job()
        self._resume = resume
        self._key = (str(study), str(name), job, os.environ.get("RANK", ""))
        self.is_kept = bool(resume or job)  # else no other attempt can follow, and nothing is written

    def earlier(self) -> str:
        """Returns the iteration to go on with; empty where this is the first attempt.

        Raises:
            ValueError: `resume` is a text and no id of an iteration.
        """
        if isinstance(self._resume, str):
            return _checked(self._resume)
        iteration, restarts, _ = self.read()
        return iteration if self._resume or restart_count() > restarts else ""

    def read(self) -> tuple[str, int, str]:
        """Returns iteration, restart count and segment of the last attempt; empty texts where there was none."""
        try:
            with open(self._path(), encoding="ascii") as file:
                iteration, restarts, segment = file.read().split(" ")
            return iteration, int(restarts), segment.strip()
        except (FileNotFoundError, ValueError):  # none, or one that a full disk has cut
            return "", 0, ""

    def write(self, iteration: str, segment: str) -> None:
        """Leaves word for the next attempt."""
        from tracker.capture.home import create_private_folder
        from tracker.capture.segment_file import FILE_MODE

        path = self._path()
        create_private_folder(os.path.dirname(path))
        draft = f"{path}.{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w", encoding="ascii") as file:
            file.write(f"{iteration} {restart_count()} {segment}\n")
        os.replace(draft, path)

    def remove(self, iteration: str) -> None:
        """It has finished, and there is nothing to go on with; a note that a later iteration wrote is left."""
        if self.is_kept and self.read()[0] == iteration:
            os.unlink(self._path())

    def _path(self) -> str:
        from hashlib import blake2b  # both cost milliseconds, and only where another attempt could follow

        from tracker.capture.home import home_path

        digest = blake2b("\0".join(self._key).encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()
        return os.path.join(home_path(), "attempts", digest)


def restart_count() -> int:
    """Returns how often a scheduler has started this job again."""
    counts = (os.environ.get(name, "") for name in _COUNTS)
    return sum(int(count) for count in counts if count.isdecimal())


def scheduler_job() -> str:
    """Returns what all attempts of a scheduler's job have in common; empty outside of one."""
    slurm, elastic = os.environ.get("SLURM_JOB_ID", ""), os.environ.get("TORCHELASTIC_RUN_ID", "")
    # torchrun calls every launch that nobody has named "none"; its agent, our parent, outlives a restart.
    return f"{elastic} {os.getppid()}" if elastic and not slurm else slurm


def _checked(text: str) -> str:
    if len(text) != ID_CHARACTERS or not set(text) <= set("0123456789abcdef"):
        raise ValueError(f"resume == {text!r}, must be True or the id of an iteration, {ID_CHARACTERS} hex digits")
    return text
