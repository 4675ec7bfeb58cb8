"""Where a run of studies is, so that one that was stopped goes on: `python -m studies run --resume`.

After each iteration the agenda and its next plan are kept in the home folder, as they are (pickled: it is the user's
own file, readable by nobody else), so that what an agenda remembers of earlier iterations is not lost.
"""

import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studies.driver import Plan

FILE = "studies-run.pickle"


@dataclass
class Run:
    """One call of `studies run`.

    Attributes:
        counts: iterations of each study, in the order in which they run.
        options: seed, quick, confirm and device, as they were asked for.
        done: iterations finished of each study.
        agenda, plan: of the study in progress, after its last finished iteration; None before that.
    """

    counts: Mapping[str, int]
    options: Mapping[str, Any]
    done: dict[str, int] = field(default_factory=dict)
    agenda: Any = None
    plan: Plan[Any] | None = None

    def left(self, study: str) -> int:
        return self.counts[study] - self.done.get(study, 0)

    def finish_iteration(self, study: str, agenda: Any, following: Plan[Any] | None) -> None:
        """Count an iteration; a study whose question is answered, or that has had its iterations, is over."""
        self.done[study] = self.done.get(study, 0) + 1
        if following is None:
            self.done[study] = self.counts[study]
        is_over = self.left(study) == 0
        self.agenda, self.plan = (None, None) if is_over else (agenda, following)
        self.save()

    @property
    def is_over(self) -> bool:
        return all(self.left(study) == 0 for study in self.counts)

    def save(self) -> None:
        """A run that is over leaves nothing to go on with."""
        path = run_path()
        if self.is_over:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            pickle.dump(self, file)
        draft.replace(path)


def run_path() -> Path:
    home = Path(os.environ.get("TRACKER_HOME") or Path.home() / ".loopgauge").expanduser()
    return home / FILE


def read_run() -> Run:
    """The run that was stopped.

    Raises:
        SystemExit: there is none, or it was kept by another version of the studies.
    """
    try:
        with run_path().open("rb") as file:
            kept = pickle.load(file)
    except FileNotFoundError:
        raise SystemExit("--resume: no run was stopped; leave it out to begin one") from None
    except (AttributeError, ImportError, EOFError, pickle.UnpicklingError) as error:
        raise SystemExit(f"--resume: {run_path()} is of other studies ({error}); begin anew without it") from error
    assert isinstance(kept, Run), "what save writes"
    return kept
