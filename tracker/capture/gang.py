"""Distributed training: this process's rank among the processes that one launcher started to do one thing together."""

import os
import zlib

from tracker.capture.joining import Context

# What torchrun gives all ranks of one launch alike, and another launch differently.
_LAUNCH = ("TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE")


class Rank:
    """This process's place in its gang."""

    __slots__ = ("gang", "rank", "ranks")

    def __init__(self, rank: int, ranks: int, gang: str) -> None:
        self.rank = rank
        self.ranks = ranks
        self.gang = gang


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
        launch = "\0".join(os.environ.get(name, "") for name in _LAUNCH)
        return Rank(int(rank), int(ranks), f"{zlib.crc32(launch.encode('utf-8', 'backslashreplace')):08x}")

    def after_fork_in_child(self) -> None:
        """The rank that the environment names is the parent's, until it names another."""
        self._forked_with = os.environ.get("RANK")


rank_source = RankSource()
