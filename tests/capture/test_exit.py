"""However a process ends, what it recorded is there, and it ends as it would without us."""

import pytest

from tests.capture.homes import TURN, iterations_in, run_turn
from tracker.capture import journal


def test_what_other_exit_handlers_record_is_there(tmp_path):
    """Handlers registered before ours run after it; the segment is synced by then, and still open."""
    code = (
        "import atexit\n"
        "@atexit.register\n"
        "def last():\n    it.decide('last'); it.__exit__(None, None, None)\n"
        "import tracker\n"
        "it = tracker.iteration('one', study='s').__enter__()\n"
        "print('done'); raise SystemExit(3)\n"
    )
    ran = run_turn(tmp_path, code)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "done\n", "")
    (iteration,) = iterations_in(tmp_path)
    assert (iteration.status, len(iteration.spans)) == ("finished", 1)


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 9)", "sys.exit(3)", "raise SystemExit(3)"])
def test_however_a_process_ends_what_it_recorded_is_there(tmp_path, end):
    """Nothing waits in memory for an orderly end."""
    code = f"import os, sys, tracker\nit = tracker.iteration('one', study='s').__enter__(); it.decide('go on'); {end}"
    ran = run_turn(tmp_path, code)
    (iteration,) = iterations_in(tmp_path)
    assert (ran.stderr, len(iteration.spans)) == ("", 1)


def test_objects_that_record_while_the_interpreter_is_taken_down(tmp_path):
    """Finalizers run when modules are half gone: no traceback, no crash."""
    code = (
        "import sys, tracker\n"
        "class Trainer:\n"
        "    def __init__(self): self.job = it.job('train').__enter__()\n"
        "    def __del__(self): self.job.__exit__(None, None, None); tracker.decide('late')\n"
        "it = tracker.iteration('one', study='s').__enter__()\n"
        "trainer = Trainer(); trainer.itself = trainer\n"
        "print('done'); sys.exit(3)\n"
    )
    ran = run_turn(tmp_path, code)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "done\n", "")


def test_a_disk_that_hangs_holds_the_exit_up_for_a_second_at_most(tmp_path):
    """The thread is stuck in a sync that never returns; the process ends without it."""
    hanging = "import os, threading\nos.fsync = lambda descriptor: threading.Event().wait()\n"
    ran = run_turn(tmp_path / "home", hanging + TURN)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "done\n", "")


def test_the_wait_at_exit_is_at_most_a_second():
    """By the promise of the wait itself; how long a busy machine takes for it is no claim of ours."""
    assert journal.SYNC_INTERVAL_SECONDS <= 1.0
