"""What these tests share: running a process that records into a home of its own, and reading what it recorded."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.capture.segments import read_segment, segment_paths
from tracker.capture.spans import fold

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True, scope="session")
def no_inherited_deafness():
    """A run started by nohup or in a shell's background ignores signals, and so would every program started here."""
    for name in ("SIGHUP", "SIGQUIT", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


class RecordingHome:
    """A home folder, processes that record into it, and what the journal then tells."""

    def __init__(self, path: Path) -> None:
        self.path = path
        names = ("TRACKER_", "SLURM_", "TORCHELASTIC_", "OMP_")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
        self.environment |= {
            "TRACKER_HOME": str(path),
            "TRACKER_AUTOSYNC": "0",
            "PYTHONPATH": str(REPOSITORY),
            "OMP_NUM_THREADS": "1",
        }

    def python(self, *arguments, environment=None, **options):
        """Runs this interpreter to its end; text output, any exit code."""
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment | (environment or {}),
            **{"capture_output": True, "text": True, "timeout": 120, **options},
        )

    def run(self, *command, **options):
        """`python -m tracker run -- COMMAND`."""
        return self.python("-m", "tracker", "run", "--", *command, **options)

    def start(self, *arguments, **options):
        """Starts this interpreter and returns the process."""
        return subprocess.Popen([sys.executable, *arguments], env=self.environment, **options)

    def events(self):
        """All events of all processes, as they stand in the segments."""
        return [event for path in segment_paths(self.path / "journal") for event in read_segment(path).events]

    def iterations(self):
        """The iterations as they are found when no process lives any more."""
        return fold([read_segment(path) for path in segment_paths(self.path / "journal")], lambda opening: False)

    def jobs(self):
        """(name, status) of each job."""
        return [
            (span.name, span.status)
            for iteration in self.iterations()
            for span in iteration.spans
            if span.kind == "job"
        ]


@pytest.fixture
def recorded(tmp_path):
    """A home that other processes record into."""
    return RecordingHome(tmp_path / "home")
