"""`python -m tracker run -- CMD`: the command cannot tell, and one iteration with one job is recorded."""

import os
import signal
import subprocess
import sys

import pytest

# Says when it is ready, and then how often each signal came; leaves at the first SIGTERM.
# Blocked and fetched one by one: a handler that runs just before `pause` would leave it waiting for ever, and two
# signals that are pending together may arrive in either order.
COUNTS_SIGNALS = """
import signal, sys
expected = {getattr(signal, name) for name in sys.argv[1:]}
signal.pthread_sigmask(signal.SIG_BLOCK, expected)
print("ready", flush=True)
counted = []
while not expected <= set(counted):
    counted.append(signal.sigwait(expected))
while another := signal.sigtimedwait(expected, 0):
    counted.append(another.si_signo)
print(*[signal.Signals(number).name for number in counted])
"""


@pytest.mark.parametrize("code", [0, 1, 2, 77, 255])
def test_the_exit_code_is_the_commands(recorded, code):
    """Each of them, and the job is finished or failed accordingly."""
    ran = recorded.run("sh", "-c", f"exit {code}")
    assert ran.returncode == code
    assert recorded.jobs() == [("sh", "finished" if code == 0 else "failed")]


@pytest.mark.parametrize(
    ("name", "status"),
    [("TERM", "killed"), ("KILL", "killed"), ("HUP", "killed"), ("SEGV", "failed"), ("ABRT", "failed")],
)
def test_death_by_signal_is_told_as_a_shell_tells_it(recorded, name, status):
    """128 + n; killed by somebody is not failed by itself."""
    ran = recorded.run("sh", "-c", f"kill -{name} $$")
    assert ran.returncode == 128 + getattr(signal, f"SIG{name}")
    assert recorded.jobs() == [("sh", status)]
    assert [iteration.status for iteration in recorded.iterations()] == [status]


def test_a_program_that_is_not_there_fails_as_in_a_shell(recorded, tmp_path):
    """127 for no such program, 126 for one that may not be executed; both are failed jobs."""
    plain = tmp_path / "plain"
    plain.write_text("no program")
    assert recorded.run("no-such-program-here").returncode == 127
    assert recorded.run(str(plain)).returncode == 126
    assert recorded.jobs() == [("no-such-program-here", "failed"), ("plain", "failed")]


def test_input_output_and_errors_pass_through_byte_for_byte(recorded):
    """stdin is the command's own; nothing is added to stdout or stderr."""
    data = bytes(range(256)) * 1000
    ran = recorded.run("sh", "-c", "tee /dev/stderr", input=data, text=False)
    assert (ran.stdout, ran.stderr) == (data, data)


def test_further_open_files_are_the_commands_too(recorded):
    """A pipe that the caller hands on, as make does for its jobs, is open in the command."""
    read, write = os.pipe()
    recorded.run("sh", "-c", f"echo through >/dev/fd/{write}", pass_fds=[write])
    os.close(write)
    with open(read, encoding="ascii") as file:
        assert file.read() == "through\n"


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGWINCH"])
def test_a_signal_sent_to_the_wrapper_reaches_the_command_once(recorded, name):
    """As Slurm sends SIGUSR1 before a time limit, and `kill` anything."""
    command = ["-m", "tracker", "run", "--", sys.executable, "-c", COUNTS_SIGNALS, name, "SIGTERM"]
    process = recorded.start(*command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(getattr(signal, name))
    process.send_signal(signal.SIGTERM)
    counted = process.communicate(timeout=60)[0].split()
    assert (sorted(counted), process.returncode) == (sorted([name, "SIGTERM"]), 0)


def test_a_command_that_does_not_catch_a_signal_dies_of_it_and_its_job_is_killed(recorded):
    """SIGTERM to the wrapper ends the command, is recorded, and only then ends the wrapper."""
    code = "print('ready', flush=True); import signal; signal.pause()"
    process = recorded.start(
        "-m", "tracker", "run", "--", sys.executable, "-c", code, stdout=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.terminate()
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert [status for _, status in recorded.jobs()] == ["killed"]


def test_signals_that_were_ignored_stay_ignored_and_the_rest_are_as_a_shell_leaves_them(recorded):
    """`nohup` goes on working, and no signal is blocked or ignored in the command that was not before."""
    state = ["grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status"]
    bare = subprocess.run(["sh", "-c", f'trap "" HUP; exec {" ".join(state)}'], capture_output=True, text=True)
    wrapped = subprocess.run(
        ["sh", "-c", f'trap "" HUP; exec {sys.executable} -m tracker run -- {" ".join(state)}'],
        env=recorded.environment,
        capture_output=True,
        text=True,
    )
    assert wrapped.stdout == bare.stdout


def test_it_runs_where_only_the_hook_is_installed(recorded):
    """A clean interpreter without site-packages runs it; no module of the platform or a third party is loaded."""
    program = (
        f"import sys; sys.path.insert(0, {recorded.environment['PYTHONPATH']!r}); from tracker.cli import main\n"
        "main(['run', '--', 'true'])\n"
        "known = {*sys.stdlib_module_names, 'tracker', '__main__'}\n"
        "print({name for name in sys.modules if name.split('.')[0] not in known})\n"
        "print({name.split('.')[1] for name in sys.modules if name.startswith('tracker.')})"
    )
    foreign, rooms = recorded.python("-I", "-S", "-c", program).stdout.splitlines()
    assert (foreign, sorted(eval(rooms))) == ("set()", ["capture", "cli", "commands"])


def test_nothing_of_the_arguments_is_recorded(recorded):
    """The program's name is; its arguments, among them passwords, are in no byte of the home."""
    recorded.run("/bin/sh", "-c", "exit 0", "--password=hunter2")
    assert [iteration.name for iteration in recorded.iterations()] == ["sh"]
    content = b"".join(path.read_bytes() for path in recorded.path.rglob("*") if path.is_file())
    assert not any(word in content for word in (b"hunter2", b"exit 0", b"/bin/sh"))


def test_study_regime_and_name_are_recorded(recorded):
    """As they are given before the command, else in the environment."""
    recorded.python("-m", "tracker", "run", "--study", "s", "--regime", "toy", "--name", "k32", "--", "true")
    environment = {"TRACKER_STUDY": "t", "TRACKER_REGIME": "real", "TRACKER_NAME": "k64"}
    recorded.python("-m", "tracker", "run", "--study", "s", "true", environment=environment)
    first, second = recorded.iterations()
    assert (first.study, first.regime, first.name) == ("s", "toy", "k32")
    assert (second.study, second.regime, second.name) == ("s", "real", "k64")


def test_a_dash_dash_of_the_commands_own_stays(recorded):
    """Only the first one is ours; without one the command begins at the first word that is no option of ours."""
    assert recorded.run("printf", "%s,", "--", "a", "--study", "x").stdout == "--,a,--study,x,"
    assert recorded.python("-m", "tracker", "run", "printf", "%s,", "a", "--name").stdout == "a,--name,"


def test_without_a_command_it_says_what_to_type(recorded):
    """An error with an example, nothing recorded."""
    ran = recorded.python("-m", "tracker", "run")
    assert (ran.returncode, recorded.events()) == (1, [])
    assert "python -m tracker run" in ran.stderr


def test_switched_off_the_command_takes_our_place(recorded):
    """The very process becomes the command: its exit and its death are its own, and nothing is written."""
    ran = recorded.run("sh", "-c", "kill -TERM $$", environment={"TRACKER_OFF": "1"})
    assert (ran.returncode, recorded.path.exists()) == (-signal.SIGTERM, False)
    assert recorded.run("no-such-program", environment={"TRACKER_OFF": "1"}).returncode == 127


def test_a_home_that_cannot_be_written_is_said_once_and_changes_nothing(recorded, tmp_path):
    """Exit code and output stay the command's."""
    (tmp_path / "file").write_text("")
    ran = recorded.run("sh", "-c", "echo out; exit 3", environment={"TRACKER_HOME": str(tmp_path / "file" / "home")})
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (3, "out\n", 1)
    assert ran.stderr.startswith("loopgauge: not recorded: ")


def test_a_killed_wrapper_leaves_a_killed_iteration(recorded):
    """SIGKILL cannot be forwarded; what was recorded says that the job did not end by itself."""
    code = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    assert recorded.run(sys.executable, "-c", code).returncode == -signal.SIGKILL
    assert [status for _, status in recorded.jobs()] == ["killed"]


def test_the_command_knows_the_iteration_it_works_for(recorded):
    """A decision in the script is one of the wrapper's iteration, and a wrapper inside adds a stage to its job."""
    inner = f"{sys.executable} -m tracker run -- true"
    code = f"import os, tracker; tracker.decide('go'); os.system({inner!r})"
    recorded.run(sys.executable, "-c", code)
    (iteration,) = recorded.iterations()
    assert sorted(span.kind for span in iteration.spans) == ["decision", "job", "stage"]
