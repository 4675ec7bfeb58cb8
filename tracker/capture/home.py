"""The folder under which everything is kept: `TRACKER_HOME`, by default `~/.loopgauge`, readable by its owner alone."""

import os
from pathlib import Path

from tracker.capture.segment_file import FILE_MODE, FOLDER_MODE


def home_path() -> Path:
    """Returns the home folder; it need not exist yet."""
    return Path(os.environ.get("TRACKER_HOME") or Path.home() / ".loopgauge").expanduser().absolute()


def journal_folder(home: Path) -> Path:
    """Returns the folder of the journal's segments."""
    return home / "journal"


def create_private_folder(path: Path | str) -> Path:
    """Creates `path` and its parents; what is created here is readable by its owner alone.

    One by one, since `mkdir(parents=True)` gives the mode to the last folder only.
    """
    path = Path(path)
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    return path


def create_home(home: Path) -> Path:
    """Creates the home folder, and closes it to others when it was made just now with a looser umask."""
    if not home.exists():
        create_private_folder(home)
        home.chmod(FOLDER_MODE)
    return home


def person_pseudonym(home: Path) -> str:
    """Returns the random id that stands for this home's person, made at first use."""
    return first_written(str(home / "person"), f"p-{os.urandom(6).hex()}")


def own_persons(home: Path) -> frozenset[str]:
    """Returns the ids that stand for this home's person: its own, and those in its file `also_me`, one a line.

    Whoever records on several machines has a pseudonym on each.
    """
    found = (home / name for name in ("person", "also_me"))
    lines = (path.read_text(encoding="utf-8").splitlines() for path in found if path.exists())
    return frozenset(line.strip() for each in lines for line in each if line.strip())


def first_written(path: str, proposal: str) -> str:
    """Returns what the file at `path` says: `proposal`, unless another process was first.

    Several processes may come here at once: each writes a draft and links it into place, so that all of them read the
    one that came first, whole.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    draft = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="ascii") as file:
        file.write(f"{proposal}\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    except OSError:
        os.rename(draft, path)  # a file system without links: of several at once the last one stands
    if os.path.exists(draft):
        os.unlink(draft)
    return _read(path)


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read().strip()
