"""The folder under which everything is kept: `TRACKER_HOME`, by default `~/.loopgauge`, readable by its owner alone."""

import os
from pathlib import Path

from tracker.capture.journal import FILE_MODE

FOLDER_MODE = 0o700


def home_path() -> Path:
    """Returns the home folder; it need not exist yet."""
    return Path(os.environ.get("TRACKER_HOME") or Path.home() / ".loopgauge").expanduser().absolute()


def journal_folder(home: Path) -> Path:
    """Returns the folder of the journal's segments."""
    return home / "journal"


def create_private_folder(path: Path) -> Path:
    """Creates `path` and its parents; what is created here is readable by its owner alone."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    return path


def create_home(home: Path) -> Path:
    """Creates the home folder, and closes it to others when it was made just now with a looser umask."""
    if not home.exists():
        create_private_folder(home)
        home.chmod(FOLDER_MODE)
    return home


def person_pseudonym(home: Path) -> str:
    """Returns the random id that stands for this home's person, made at first use.

    Several processes may start at once on an empty home: the id is written beside and linked into place, so that all
    of them read the one that came first, whole.
    """
    path = home / "person"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    draft = home / f".person-{os.getpid()}-{os.urandom(4).hex()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="ascii") as file:
        file.write(f"p-{os.urandom(6).hex()}\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its id is this person's
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
