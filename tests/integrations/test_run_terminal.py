"""`python -m tracker run` at a real terminal under a real shell: Ctrl-C, Ctrl-Z and pipelines behave as without it."""

import sys

import pexpect
import pytest

PROMPT = "ready> "
RUN = f"{sys.executable} -m tracker run --"
# Waits for a key, so that it is seen to own the terminal again after it was stopped.
READS_A_LINE = f"{sys.executable} -c \"print('wait' + 'ing', flush=True); print('got ' + input())\""
# The kernel ends it at any moment; a handler of Python's that ran just before `input` blocks would be noticed after it.
DIES_OF_INTERRUPT = (
    f'{sys.executable} -c "'
    "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); print('wait' + 'ing', flush=True); input()\""
)
# The first is waited for while it is blocked: one that came between "waiting" and a pause would be waited for in vain.
COUNTS_INTERRUPTS = (
    f'{sys.executable} -c "'
    "import signal; seen = []; signal.signal(signal.SIGINT, lambda *_: seen.append(1)); "
    "signal.pthread_sigmask(signal.SIG_BLOCK, [2]); print('wait' + 'ing', flush=True); "
    "seen.append(signal.sigwait([2])); signal.pthread_sigmask(signal.SIG_UNBLOCK, [2]); "
    "input(); print('seen', len(seen))\""
)


@pytest.fixture
def shell(recorded):
    """An interactive shell with job control on a terminal of its own."""
    environment = recorded.environment | {"PS1": PROMPT, "TERM": "dumb"}
    process = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], env=environment, encoding="utf-8", timeout=30)
    process.expect_exact(PROMPT)
    process.sendline("bind 'set enable-bracketed-paste off' 2>/dev/null; stty -echo")
    process.expect_exact(PROMPT)
    yield process
    process.close(force=True)


def test_control_z_stops_the_job_and_fg_gives_it_the_terminal_back(shell, recorded):
    """The shell gets its prompt, `fg` goes on where it was, and the exit code is the command's."""
    shell.sendline(f"{RUN} {READS_A_LINE}")
    shell.expect_exact("waiting")
    shell.sendcontrol("z")
    shell.expect_exact("Stopped")
    shell.expect_exact(PROMPT)
    shell.sendline("fg")
    shell.expect_exact("tracker run")
    shell.sendline("hello")
    shell.expect_exact("got hello")
    shell.expect_exact(PROMPT)
    assert [status for _, status in recorded.jobs()] == ["finished"]


def test_control_c_reaches_the_command_once(shell):
    """From the terminal's driver alone: a second SIGINT makes many trainers give up their checkpoint."""
    shell.sendline(f"{RUN} {COUNTS_INTERRUPTS}")
    shell.expect_exact("waiting")
    shell.sendcontrol("c")
    shell.sendline("")
    shell.expect(r"seen (\d+)")
    assert shell.match.group(1) == "1"


def test_control_c_ends_a_loop_of_the_shell_around_it(shell, recorded):
    """A shell stops its loop only if its own child is seen to die of SIGINT."""
    shell.sendline(f"for n in 1 2 3; do {RUN} {DIES_OF_INTERRUPT}; done; echo code $?")
    shell.expect_exact("waiting")
    shell.sendcontrol("c")
    shell.expect_exact(PROMPT)
    assert "waiting" not in shell.before.replace("waiting\r\n^C", "")
    assert [status for _, status in recorded.jobs()] == ["killed"]


def test_in_a_pipeline_the_reader_keeps_the_terminal(shell):
    """The command shares our process group, so whatever reads behind it is in the foreground too."""
    reader = f"{sys.executable} -c \"import sys; sys.stdin.read(); print('key', open('/dev/tty').readline())\""
    shell.sendline(f"{RUN} echo data | {reader}; echo end")
    shell.sendline("pressed")
    shell.expect_exact("key pressed")
    shell.expect_exact("end")


def test_the_command_is_in_the_foreground_process_group(shell):
    """What asks the terminal for its owner is told that it is."""
    ask = f"{sys.executable} -c \"import os; print('owner', os.tcgetpgrp(0) == os.getpgrp(), os.isatty(0))\""
    shell.sendline(f"{RUN} {ask}")
    shell.expect_exact("owner True True")
