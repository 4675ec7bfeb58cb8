"""Imports run as a user runs them: a file, a command, and the marts of the next refresh."""

import json

import pytest

from tracker.cli import main
from tracker.loops.refresh import refresh


class Imports:
    """A home into which histories are imported."""

    def __init__(self, home, capsys):
        self.home = home
        self._capsys = capsys

    def run(self, *arguments):
        """Runs `import …` and returns its exit code and what it printed as JSON (None where it printed no JSON)."""
        self._capsys.readouterr()
        code = main(["--home", str(self.home), "import", *map(str, arguments), "--json"])
        printed = self._capsys.readouterr()
        self.error = printed.err
        return code, json.loads(printed.out) if printed.out else None

    def rows(self, query):
        """Refreshes and returns what a query finds in the marts."""
        return refresh(self.home).connect().sql(query).fetchall()

    def left_behind(self):
        """Returns every file below the folder of imports."""
        folder = self.home / "imports"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def imports(home, capsys):
    return Imports(home, capsys)
