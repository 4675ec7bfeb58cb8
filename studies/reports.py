"""`python -m studies report`: the reports that are made of recorded loops, each by its own command.

`loops` is the tracker's report over the home's loops; `toy-vs-real` asks whether tooling gives 3-5x; `table` is the
README's table of predicted and measured speedups.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studies.progress import LoopProgress

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes:
        commands: modules with their arguments, one after another; `OUT` stands for the folder.
        expected_seconds: roughly, on two cores; weighs the progress bar only.
    """

    commands: tuple[tuple[str, ...], ...]
    expected_seconds: float


REPORTS = {
    "loops": Report(
        (("tracker", "sync"), ("tracker", "refresh"), ("tracker", "report", "--out", "OUT/loops.html")), 30.0
    ),
    "toy-vs-real": Report((("studies.toy_vs_real", "--out", "OUT/toy_vs_real"),), 120.0),
    "table": Report((("studies", "table"),), 5.0),
}


class ReportFailed(RuntimeError):
    """A command ended with an error; the message is what it said."""


def write_reports(names: Sequence[str], out: Path, progress: LoopProgress) -> None:
    """Write each report below `out`.

    Raises:
        ReportFailed: a command ended with an error; reports before it are written.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name in names:
        said = ""
        for module, *arguments in REPORTS[name].commands:
            progress.step(name, " ".join((module, *arguments[:1])))
            said = _run(module, [argument.replace("OUT", str(out)) for argument in arguments])
        progress.count_one(name, said)


def _run(module: str, arguments: Sequence[str]) -> str:
    """The last line that the command printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        raise ReportFailed(f"{module} {' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-2_000:]}")
    return (done.stdout.strip().splitlines() or ["written"])[-1]
