"""Whatever became of stderr, the experiment has its output and its exit code, and its files are its own."""

import pytest

from tests.capture.homes import TURN, run_turn


def test_a_closed_stderr(unwritable):
    """There is nobody to tell; the experiment has its output and exit code all the same."""
    ran = run_turn(unwritable, shell='exec "$@" 2>&-')
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "done\n", "")


def test_a_file_that_the_experiment_has_opened_in_stderrs_place_is_left_alone(unwritable, tmp_path):
    """Descriptor 2 is whoever's came first after stderr was closed: our line would be a line in their data."""
    data = tmp_path / "data.csv"
    opening = f"import os, tracker\nos.close(2); file = open({str(data)!r}, 'w'); assert file.fileno() == 2\n"
    ran = run_turn(unwritable, opening + TURN)
    assert (ran.returncode, ran.stdout, data.read_text()) == (3, "done\n", "")


def test_a_file_opened_before_the_hook_was_imported_with_stderr_closed_from_the_start(unwritable, tmp_path):
    """The hook finds descriptor 2 open and has to know that it is not stderr."""
    data = tmp_path / "data.csv"
    opening = f"file = open({str(data)!r}, 'w'); assert file.fileno() == 2\n"
    ran = run_turn(unwritable, opening + TURN, shell='exec "$@" 2>&-')
    assert (ran.returncode, ran.stdout, data.read_text()) == (3, "done\n", "")


@pytest.mark.parametrize("handler", ["SIG_DFL", "SIG_IGN"])
def test_a_broken_pipe_for_stderr(unwritable, handler):
    """Also where the experiment wants to be killed by a broken pipe of its own: ours is none of its own."""
    breaking = (
        f"import os, signal; signal.signal(signal.SIGPIPE, signal.{handler})\n"
        "reader, writer = os.pipe(); os.dup2(writer, 2); os.close(reader); os.close(writer)\n"
    )
    ran = run_turn(unwritable, breaking + TURN)
    assert (ran.returncode, ran.stdout) == (3, "done\n")


def test_a_pipe_for_stderr_that_nobody_reads_any_more_holds_nothing_up(unwritable):
    """Full to the brim: a write would wait for ever."""
    filling = (
        "import os\nreader, writer = os.pipe(); os.dup2(writer, 2); os.set_blocking(2, False)\n"
        "try:\n    while True: os.write(2, b'x' * 1024)\nexcept BlockingIOError: pass\n"
        "os.set_blocking(2, True)\n"
    )
    ran = run_turn(unwritable, filling + TURN)
    assert (ran.returncode, ran.stdout) == (3, "done\n")
