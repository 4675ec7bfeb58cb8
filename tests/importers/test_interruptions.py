"""An import that is killed leaves nothing that counts, and the next goes on; one that fails leaves nothing at all."""

import os
import signal
import subprocess
import sys

import pexpect
import pytest

from tracker.importers import drafts, mapped_table
from tracker.loops.refresh import refresh

# Parts of two rows; the process is killed when it has kept two of them.
KILLED_AFTER_TWO_PARTS = """
import os, signal, sys
from tracker.cli import main
from tracker.importers import drafts, mapped_table
mapped_table.PART_ROWS = 2
read = drafts.Draft.part
def part(draft, number, make):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(draft, number, make)
drafts.Draft.part = part
main(sys.argv[1:])
"""


@pytest.fixture
def table(tmp_path):
    """Seven rows, one of which is bad."""
    path = tmp_path / "t.csv"
    rows = [f"{10 * row},{10 * row + 5}" for row in range(6)]
    path.write_text("\n".join(["a,b", rows[0], "x,1", *rows[1:]]) + "\n")
    return path


def arguments(table):
    return ("csv", table, "--map", "started=a", "ended=b")


def kill(imports, table):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", KILLED_AFTER_TWO_PARTS, "--home", imports.home, "import", *arguments(table)]
    ran = subprocess.run(command, env=environment, check=False)
    assert ran.returncode == -signal.SIGKILL


def count_parts(monkeypatch):
    """Returns the numbers of the parts that are read anew from now on."""
    made = []
    convert = mapped_table._convert

    def counted(block, *rest):
        make = convert(block, *rest)
        return lambda bad: (made.append(block[0].line), make(bad))[1]

    monkeypatch.setattr(mapped_table, "_convert", counted)
    monkeypatch.setattr(mapped_table, "PART_ROWS", 2)
    return made


def test_a_killed_import_is_in_no_mart_and_goes_on_where_it_stopped(imports, table, monkeypatch):
    """Killed after two of four parts: nothing counts; then parts three and four alone are read, and all is there."""
    kill(imports, table)
    assert refresh(imports.home).manifest.iterations == 0
    made = count_parts(monkeypatch)
    _, said = imports.run(*arguments(table))
    assert made == [6, 8]
    assert (said["rows"], said["iterations"], said["bad_rows"]) == (7, 6, 1)
    assert [row["line"] for row in said["first_bad_rows"]] == [3]


def test_an_import_that_went_on_equals_one_that_was_never_stopped(imports, table, monkeypatch):
    """Byte for byte the same files, and no draft is left."""
    kill(imports, table)
    monkeypatch.setattr(mapped_table, "PART_ROWS", 2)
    imports.run(*arguments(table))
    resumed = {name: (imports.home / "imports" / name).read_bytes() for name in imports.left_behind()}
    for name in resumed:
        (imports.home / "imports" / name).unlink()
    imports.run(*arguments(table))
    assert {name: (imports.home / "imports" / name).read_bytes() for name in imports.left_behind()} == resumed
    assert len(resumed) == 2


def test_parts_of_another_version_of_the_file_are_not_used(imports, table, monkeypatch):
    """The file has grown since the kill: every part is read anew."""
    kill(imports, table)
    with table.open("a") as file:
        file.write("900,905\n")
    made = count_parts(monkeypatch)
    assert imports.run(*arguments(table))[1]["iterations"] == 7
    assert made == [2, 4, 6, 8]


def test_an_import_that_fails_half_way_leaves_nothing_behind(imports, table, monkeypatch):
    """The disk is full when the third part is written: no draft, no table, and a former import stays as it was."""
    imports.run(*arguments(table))
    before = {name: (imports.home / "imports" / name).read_bytes() for name in imports.left_behind()}
    monkeypatch.setattr(mapped_table, "PART_ROWS", 2)
    written = drafts.write_bad_rows

    def full(rows, path):
        if "000002" in path.name:
            raise OSError(28, "No space left on device")
        written(rows, path)

    monkeypatch.setattr(drafts, "write_bad_rows", full)
    assert imports.run(*arguments(table))[0] == 1
    assert "No space left" in imports.error
    assert {name: (imports.home / "imports" / name).read_bytes() for name in imports.left_behind()} == before


def test_two_imports_of_one_source_do_not_meet(imports, table):
    """The second says that another is at work, and touches nothing."""
    from tracker.importers.sources import file_source

    with drafts.Draft(imports.home, file_source("csv", table, ())):
        assert imports.run(*arguments(table))[0] == 1
        assert "another process imports this source" in imports.error
    assert imports.run(*arguments(table))[0] == 0


def test_what_would_break_the_next_refresh_is_refused(imports, tmp_path):
    """Two spans tables with the same span ids in different iterations: the second is not kept, the refresh works."""
    header = "iteration,span,kind,name,started_at,ended_at\n"
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text(f"{header}{name},p1,phase,think,2026-03-01,2026-03-02\n")
    assert imports.run("spans", tmp_path / "one.csv")[0] == 0
    assert imports.run("spans", tmp_path / "two.csv")[0] == 1
    assert "spans_are_unique" in imports.error
    assert refresh(imports.home).manifest.iterations == 1


def test_a_terminal_is_shown_a_bar_and_a_pipe_is_not(imports, table):
    """On stderr, gone at the end; what is printed to stdout stays clean."""
    command = [sys.executable, "-m", "tracker", "--home", str(imports.home), "import", *map(str, arguments(table))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"}
    terminal = pexpect.spawn(command[0], command[1:], env=environment, encoding="utf-8", timeout=60)
    terminal.expect("import csv.*%")
    terminal.expect("6 iterations")
    terminal.expect(pexpect.EOF)
    piped = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert piped.stderr == ""
