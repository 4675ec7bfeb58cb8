"""Where a report comes from and how to make it again: snapshot, seed, commands, versions, digests of the program."""

import hashlib
import platform
import shlex
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

from tracker.loops.snapshots import marts_version
from tracker.reporting import text
from tracker.reporting.findings import Findings, Request

# What the numbers are computed with, and what draws and typesets them.
COMPUTING = ("numpy", "scipy", "pyarrow", "duckdb", "pytz", "altair")
WRITING = ("vl-convert-python", "jinja2", "typst")
# The rooms that the numbers come from, and those that these import.
ROOMS = ("capture", "loops", "speedup", "reporting")
SOURCE = (".py", ".sql", ".typ", ".j2", ".txt")
LONGEST_COMMAND = 600  # a name in it can be a megabyte


def provenance(findings: Findings) -> Iterator[tuple[str, str]]:
    """Yields (what, value)."""
    request = findings.request
    yield "Snapshot", findings.manifest.snapshot
    yield "Last event included", findings.manifest.watermark or "no event"
    yield "Resampling", f"{text.format_count(request.draws)} draws, seed {request.seed}, {_level(request.level)}"
    yield "Written by", _short(_command(request, "--format html,pdf,md,json,zip"))
    yield "Every number again", f"{_short(_command(request, '--format zip'))}, then python recompute.py in the zip"
    if findings.questions:
        changes = " ".join(f"--change {_quote(change)}" for change in findings.questions[0].changes)
        options = f"--level {request.level:g} --draws {request.draws} --seed {request.seed}"
        command = f"python -m tracker what-if --spans data/spans.parquet {changes} {options} --json"
        yield "A what-if alone, in the zip", _short(command)
    yield (
        "Versions",
        ", ".join(_versions()),
    )
    yield "SQL", f"digest {marts_version()}"
    yield "Source", f"SHA-256 {source_digest()}"


def requirements() -> list[str]:
    """Returns what a process needs to compute the numbers again, as pip reads it."""
    return [f"{package}=={_version(package)}" for package in COMPUTING]


def source_files() -> Iterator[tuple[str, bytes]]:
    """Yields the source that made the numbers, SQL included, as (path, content) in the order of the paths."""
    package = files("tracker")
    found = {"tracker/__init__.py": (package / "__init__.py").read_bytes()}
    for room in ROOMS:
        found |= dict(_files(package / room, f"tracker/{room}"))
    yield from sorted(found.items())


def source_digest() -> str:
    """Returns a digest of the source that made the numbers."""
    digest = hashlib.sha256()
    for name, content in source_files():
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(folder: Traversable, name: str) -> Iterable[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry, f"{name}/{entry.name}")
        elif entry.is_file() and entry.name.endswith(SOURCE):
            yield f"{name}/{entry.name}", entry.read_bytes()


def _command(request: Request, ending: str) -> str:
    studies = [f"--study {_quote(study)}" for study in request.studies]
    changes = [f"--change {_quote(change)}" for change in request.changes]
    options = f"--level {request.level:g} --seed {request.seed}"
    return " ".join(["python -m tracker report", *studies, *changes, options, ending])


def _short(command: str) -> str:
    return command if len(command) <= LONGEST_COMMAND else "the names in the command are too long to be shown"


def _quote(word: str) -> str:
    """Quotes a name for a shell; signs that a terminal would not show (reversed text) are written as numbers."""
    if word.isprintable():
        return shlex.quote(word)
    signs = (sign if sign.isprintable() and sign not in "'\\" else f"\\U{ord(sign):08x}" for sign in word)
    return f"$'{''.join(signs)}'"


def _level(level: float) -> str:
    return f"{text.format_level(level)}s"


def _versions() -> Iterator[str]:
    yield f"loopgauge {_version('loopgauge')}"
    yield f"Python {platform.python_version()}"
    for package in (*COMPUTING, *WRITING):
        yield f"{package} {_version(package)}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"
