"""The catalogue of tooling changes and the scenarios, as data/ and the home folder hold them."""

import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.speedup.counterfactual.parsing import parse_change

KINDS = {"tooling_changes.toml": "change", "scenarios.toml": "scenario"}
SAVED = "scenarios.json"
LONGEST_NAME = 80
FILE_MODE = 0o600


@dataclass(frozen=True)
class Scenario:
    """One or several changes under a name, in the command line's form."""

    name: str
    changes: tuple[str, ...]
    words: str

    @property
    def targets(self) -> tuple[str, ...]:
        """What it acts on."""
        return tuple(str(parse_change(change).target) for change in self.changes)


def read_catalogue(folder: Path) -> tuple[Scenario, ...]:
    """Reads what comes with the software; a folder that is not there has nothing.

    Raises:
        ValueError: A file holds a change that is none.
    """
    found = []
    for name, key in KINDS.items():
        path = folder / name
        if path.exists():
            found += [_checked(one) for one in tomllib.loads(path.read_text(encoding="utf-8")).get(key, [])]
    return tuple(found)


def read_saved(home: Path) -> tuple[Scenario, ...]:
    """Reads the scenarios that were saved in a home folder, by name."""
    try:
        held = json.loads((home / SAVED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(_checked(one) for one in held)


def save_scenario(home: Path, name: str, changes: Sequence[str]) -> Scenario:
    """Saves changes under a name; one of that name is replaced. The file is readable by its owner alone.

    Raises:
        ValueError: The name is empty or too long, or a change is none.
    """
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME:
        raise ValueError(f"a name has 1 to {LONGEST_NAME} characters, this one has {len(plain)}")
    scenario = _checked({"name": plain, "changes": list(changes), "words": "saved by you"})
    kept = [one for one in read_saved(home) if one.name != plain]
    rows = [{"name": one.name, "changes": one.changes, "words": one.words} for one in (*kept, scenario)]
    draft = home / f".{SAVED}-{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w", encoding="utf-8") as file:
        json.dump(sorted(rows, key=lambda row: str(row["name"])), file, indent=1)
    draft.replace(home / SAVED)
    return scenario


def fitting(scenarios: Iterable[Scenario], targets: Iterable[str]) -> tuple[Scenario, ...]:
    """Returns the scenarios whose every target is in the loops that are looked at."""
    there = set(targets)
    return tuple(one for one in scenarios if set(one.targets) <= there)


def _checked(row: dict[str, object]) -> Scenario:
    changes = row.get("changes")
    if not isinstance(changes, list) or not changes:
        raise ValueError(f"scenario {row.get('name')!r} has no changes, must have one such as scale:job:2")
    return Scenario(str(row["name"]), tuple(str(parse_change(str(one))) for one in changes), str(row.get("words", "")))
