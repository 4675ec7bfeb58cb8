"""What has been shipped where: each iteration as it was last written, per store.

It spares work and nothing more: without it every iteration is found again in MLflow by its tag. A study's entries hold
for one MLflow experiment, recognised by a token among its tags, so a store made anew gets everything.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tracker.shipping.private_file import replace_file

VERSION = 3
OPEN, CLOSED, ESTIMATED = "open", "closed", "estimated"  # estimated: closed because its processes were found dead


@dataclass
class Shipped:
    """An iteration as it was written.

    Attributes:
        study: Its study, whose experiment's token must be the one that is kept for the study.
        digest: Of everything that was written.
        events: How many events the journal held of it.
        state: `open`, `closed` or `estimated`.
        keepers: The segments of the processes that keep it open, by whose life it is told anew.
        is_settled: A later sync has found it in MLflow, once and as it was written.
    """

    study: str
    digest: str
    events: int
    state: str
    keepers: list[str] = field(default_factory=list)
    is_settled: bool = False


class Offsets:
    """What one store holds, kept with that of other stores in one JSON file that is replaced by rename.

    `refused`: what the store would not take at the last sync and why, by iteration; for `doctor` to say.
    """

    def __init__(self, path: Path, store: str) -> None:
        self._path = path
        self._store = store
        self._others, self.tokens, self.shipped, self.refused = _load(path, store)

    def studies(self) -> set[str]:
        """Returns the studies of which something was shipped."""
        return {shipped.study for shipped in self.shipped.values()}

    def unsettled(self, study: str) -> dict[str, Shipped]:
        """Returns what was shipped of a study and not yet found there by a later sync."""
        own = ((name, shipped) for name, shipped in self.shipped.items() if shipped.study == study)
        return {name: shipped for name, shipped in own if not shipped.is_settled}

    def keep_only(self, iterations: Collection[str]) -> None:
        """Forgets iterations that the journal no longer tells of: nothing can be shipped of them again."""
        self.shipped = {name: shipped for name, shipped in self.shipped.items() if name in iterations}

    def keep_token(self, study: str, token: str) -> None:
        """Forgets what was shipped of a study whose experiment is another one now."""
        if self.tokens.get(study) != token:
            self.shipped = {name: shipped for name, shipped in self.shipped.items() if shipped.study != study}
            self.tokens[study] = token

    def save(self) -> None:
        """Replaces the file."""
        entries = {name: asdict(shipped) for name, shipped in self.shipped.items()}
        stores = {**self._others, self._store: {"tokens": self.tokens, "shipped": entries, "refused": self.refused}}
        replace_file(self._path, json.dumps({"version": VERSION, "stores": stores}))


def _load(path: Path, store: str) -> tuple[dict[str, Any], dict[str, str], dict[str, Shipped], dict[str, str]]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        stores = dict(kept["stores"]) if kept["version"] == VERSION else {}
        own = stores.pop(store, {"tokens": {}, "shipped": {}, "refused": {}})
        shipped = {name: Shipped(**one) for name, one in own["shipped"].items()}
        return stores, dict(own["tokens"]), shipped, dict(own["refused"])
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}, {}, {}, {}  # never shipped, or damaged: everything is looked up again
