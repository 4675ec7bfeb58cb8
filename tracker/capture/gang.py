"""Distributed training: this process's rank among the processes that one launcher started to do one thing together."""

from __future__ import annotations

import itertools
import os
import time

from tracker.capture.joining import Context

# What torchrun gives all ranks of one launch alike, and another launch differently.
_LAUNCH = ("TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE")

# Ranks of one launch come to an iteration within this time; what is older was left by a launch long ago.
_TOGETHER_SECONDS = 3_600.0
_KEPT_SECONDS = 86_400.0


class Rank:
    """This process's place in its gang."""

    __slots__ = ("gang", "rank", "ranks", "turns")

    def __init__(self, rank: int, ranks: int, gang: str) -> None:
        self.rank = rank
        self.ranks = ranks
        self.gang = gang
        self.turns: dict[str, int] = {}  # how often this process has opened an iteration of each digest


class RankSource:
    """Reads the place that torchrun, or whoever sets `RANK` and `WORLD_SIZE`, gave this process."""

    def __init__(self) -> None:
        self._forked_with: str | None = None

    def read(self, inherited: Context | None) -> Rank | None:
        """Returns this process's place; None outside a gang, and for a worker that a rank has started.

        Such a worker has inherited its rank's variables; the fork, or the context that its rank passed on, tells.
        """
        rank, ranks = os.environ.get("RANK", ""), os.environ.get("WORLD_SIZE", "")
        if not (rank.isdecimal() and ranks.isdecimal() and int(ranks) > 1):
            return None
        if rank == self._forked_with or (inherited is not None and rank == inherited.rank):
            return None
        return Rank(int(rank), int(ranks), _digest(_launch()))

    def after_fork_in_child(self) -> None:
        """The rank that the environment names is the parent's, until it names another."""
        self._forked_with = os.environ.get("RANK")


rank_source = RankSource()


def agree_on_iteration(folder: str, rank: Rank, digest: str, proposal: str) -> str:
    """Returns the id under which all ranks of a launch record the same iteration: that of the first to come here.

    No rank waits for another. A rank that has been here before under the same settings is one of a later launch (or
    of the next turn of a loop), and goes on to the next place.

    Args:
        folder: Where ranks leave word; all of them must see it.
        rank: This process's place.
        digest: What the iteration is called.
        proposal: A new id, used where this rank is the first.
    """
    from tracker.capture.home import create_private_folder, first_written

    for turn in itertools.count(rank.turns.get(digest, 0)):
        rank.turns[digest] = turn + 1
        place = os.path.join(folder, f"{rank.gang}-{digest}-{turn}")
        create_private_folder(place)
        try:
            os.close(os.open(os.path.join(place, str(rank.rank)), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        _prune(folder)
        agreed = os.path.join(place, "iteration")
        if not os.path.exists(agreed) or time.time() - os.stat(agreed).st_mtime < _TOGETHER_SECONDS:
            return first_written(agreed, proposal)
    raise AssertionError  # the count above has no end


def _prune(folder: str) -> None:
    """Removes the places of launches long ago."""
    long_ago = time.time() - _KEPT_SECONDS
    for place in os.scandir(folder):
        if place.stat().st_mtime < long_ago:
            from shutil import rmtree  # only on the first launch in a day

            rmtree(place.path, ignore_errors=True)


def _launch() -> str:
    """Returns what all ranks of this launch have in common and no other launch has, as far as can be known."""
    settings = [os.environ.get(name, "") for name in _LAUNCH]
    if os.environ.get("LOCAL_WORLD_SIZE") == os.environ.get("WORLD_SIZE"):  # all ranks are on this machine
        # torchrun calls every launch "none" that nobody has named, on the same port; its logs' folder is new each time.
        logs = os.path.dirname(os.path.dirname(os.environ.get("TORCHELASTIC_ERROR_FILE", "")))
        settings.append(logs or str(os.getppid()))
    return "\0".join(settings)


def _digest(text: str) -> str:
    from zlib import crc32  # a library of its own, which a process without ranks need not load

    return f"{crc32(text.encode('utf-8', 'backslashreplace')):08x}"
