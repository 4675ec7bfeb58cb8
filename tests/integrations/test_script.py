"""`import tracker.auto`: a script records its own run, and runs as it ran without that line."""

import signal
import subprocess
import sys
import textwrap

import pytest

LINE = "import tracker.auto\n"


@pytest.fixture
def script(tmp_path):
    """Writes a script with the one line and what follows; returns its path."""

    def write(body, name="train.py"):
        path = tmp_path / name
        path.write_text(LINE + textwrap.dedent(body))
        return str(path)

    return write


def statuses(recorded):
    """(iteration's name and status, [(kind, name, status) of what a machine did]) of each iteration."""
    return [
        (one.name, one.status, [(span.kind, span.name, span.status) for span in one.spans if span.kind != "phase"])
        for one in recorded.iterations()
    ]


def test_a_run_of_a_script_is_one_iteration_with_one_job(recorded, script):
    """Named by the file without its folder; output and errors are the script's alone."""
    ran = recorded.python(script("print('out')"), "--password=hunter2")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "out\n", "")
    assert statuses(recorded) == [("train.py", "finished", [("job", "train.py", "finished")])]
    content = b"".join(path.read_bytes() for path in recorded.path.rglob("*") if path.is_file())
    assert b"hunter2" not in content
    assert str(recorded.path.parent).encode() not in content


ENDS = [
    ("pass", 0, "finished"),
    ("import sys; sys.exit()", 0, "finished"),
    ("import sys; sys.exit(3)", 3, "failed"),
    ("import sys; sys.exit('no data')", 1, "failed"),
    ("exit(2)", 2, "failed"),
    ("import argparse; argparse.ArgumentParser().parse_args(['--nonsense'])", 2, "failed"),
    ("1 / 0", 1, "failed"),
    ("raise KeyboardInterrupt", -signal.SIGINT, "killed"),
    ("import sys; sys.exit(143)", 143, "killed"),
    ("import os; os.kill(os.getpid(), 15)", -signal.SIGTERM, "killed"),
    ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL, "killed"),
]


@pytest.mark.parametrize(("body", "code", "status"), ENDS)
@pytest.mark.parametrize("as_module", [False, True])
def test_how_a_script_ends_is_recorded_and_stays_as_it_was(recorded, script, tmp_path, body, code, status, as_module):
    """Exit code and status, run as a file and as a module; a traceback is the script's own."""
    path = script(body)
    arguments = ["-m", "train"] if as_module else [path]
    ran = recorded.python(*arguments, cwd=tmp_path)
    assert ran.returncode == code
    assert [(one.status, [span.status for span in one.spans]) for one in recorded.iterations()] == [(status, [status])]
    assert "loopgauge" not in ran.stderr


@pytest.mark.parametrize("as_module", [False, True])
def test_an_exit_that_was_caught_is_no_end(recorded, script, tmp_path, as_module):
    """At the top level and in a function, caught as it is or kept; what comes after it decides."""
    path = script("""
        import sys
        kept = []
        def run():
            try:
                sys.exit(4)
            except SystemExit as error:
                kept.append(error)
        try:
            sys.exit(3)
        except SystemExit:
            run()
    """)
    recorded.python(*(["-m", "train"] if as_module else [path]), cwd=tmp_path)
    assert [status for _, status, _ in statuses(recorded)] == ["finished"]


def test_an_exit_of_a_thread_or_a_forked_child_is_not_the_scripts(recorded, script):
    """A thread's `sys.exit` ends the thread, a child's the child."""
    ran = recorded.python(
        script("""
            import os, sys, threading
            thread = threading.Thread(target=sys.exit, args=(3,))
            thread.start(); thread.join()
            if os.fork() == 0:
                sys.exit(7)
            print(os.waitstatus_to_exitcode(os.wait()[1]))
        """)
    )
    assert ran.stdout == "7\n"
    assert statuses(recorded) == [("train.py", "finished", [("job", "train.py", "finished")])]


def test_study_regime_and_name_come_from_the_environment(recorded, script):
    """Nothing in the script says them."""
    said = {"TRACKER_STUDY": "sae", "TRACKER_REGIME": "real", "TRACKER_NAME": "k32"}
    recorded.python(script("pass"), environment=said)
    (one,) = recorded.iterations()
    assert (one.study, one.regime, one.name, one.spans[0].name) == ("sae", "real", "k32", "k32")


def test_a_script_started_by_a_script_counts_once(recorded, script):
    """Its seconds are part of the parent's job; beside the parent's job it is a job of its own."""
    child = script("pass", "evaluate.py")
    parent = script(f"import subprocess, sys; subprocess.run([sys.executable, {child!r}], check=True)")
    recorded.python(parent)
    ((_, _, spans),) = statuses(recorded)
    assert spans == [("job", "train.py", "finished"), ("stage", "evaluate.py", "finished")]


def test_inside_an_open_iteration_a_script_is_a_job_of_it(recorded, script):
    """Started from a phase by hand, and under `run` a stage of the command's job."""
    path = script("import sys; sys.exit(3)")
    by_hand = f"""
import subprocess, sys, tracker
with tracker.iteration("sweep", study="s") as it, it.phase("launch"):
    subprocess.run([sys.executable, {path!r}])
"""
    recorded.python("-c", by_hand)
    assert recorded.run(sys.executable, path).returncode == 3
    first, second = statuses(recorded)
    assert first == ("sweep", "finished", [("job", "train.py", "failed")])
    assert [(kind, status) for kind, _, status in second[2]] == [("job", "failed"), ("stage", "failed")]


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_workers_of_a_pool_are_no_runs_of_the_script(recorded, script, method):
    """They run its file again to find their functions; their time is within its job."""
    ran = recorded.python(
        script(f"""
            import multiprocessing
            def square(x):
                return x * x
            if __name__ == "__main__":
                with multiprocessing.get_context({method!r}).Pool(2) as pool:
                    print(sum(pool.map(square, range(4))))
        """)
    )
    assert (ran.stdout, ran.stderr) == ("14\n", "")
    assert statuses(recorded) == [("train.py", "finished", [("job", "train.py", "finished")])]


def test_ranks_of_a_launch_are_one_iteration_with_one_job(recorded, script):
    """Two processes with a launcher's variables; the job has both ranks."""
    path = script("pass")
    launch = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "1"}
    ranks = [
        subprocess.Popen([sys.executable, path], env=recorded.environment | launch | {"RANK": rank}) for rank in "01"
    ]
    assert [rank.wait(timeout=60) for rank in ranks] == [0, 0]
    (one,) = recorded.iterations()
    assert [(span.kind, span.fields["ranks"]) for span in one.spans if span.kind == "job"] == [("job", 2)]


def test_switched_off_nothing_is_recorded_and_nothing_is_touched(recorded, script):
    """`TRACKER_OFF` leaves `sys.exit` as it was and no folder behind."""
    ran = recorded.python(script("import sys; print(sys.exit)"), environment={"TRACKER_OFF": "1"})
    assert (ran.stdout, recorded.path.exists()) == ("<built-in function exit>\n", False)


def test_a_home_that_cannot_be_written_is_said_once(recorded, script, tmp_path):
    """The script's output and exit code stay."""
    (tmp_path / "file").write_text("")
    home = {"TRACKER_HOME": str(tmp_path / "file" / "home")}
    ran = recorded.python(script("import sys; print('out'); sys.exit(3)"), environment=home)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (3, "out\n", 1)
    assert ran.stderr.startswith("loopgauge: not recorded: ")


def test_a_second_import_records_nothing_twice(recorded, script):
    """From a module of the script's, and reloaded."""
    recorded.python(script("import importlib, sys; importlib.reload(sys.modules['tracker.auto']); import tracker.auto"))
    assert len(recorded.iterations()) == 1


@pytest.mark.parametrize("arguments", [["-i", "-q"], ["-i", "-c", "pass"]])
def test_at_the_prompt_it_does_nothing(recorded, arguments):
    """An interpreter that waits for a person is no run of a script."""
    ran = recorded.python(*arguments, input=LINE + "print('on')\n")
    assert ("on" in ran.stdout, recorded.path.exists()) == (True, False)


def test_a_script_from_standard_input_is_a_script(recorded):
    """`python < script.py`, as some launchers do."""
    recorded.python("-", input=LINE)
    assert statuses(recorded) == [("python", "finished", [("job", "python", "finished")])]


@pytest.mark.parametrize("runner", ["pytest", "xdist", "unittest", "ipython"])
def test_in_a_test_run_or_a_shell_of_ipython_it_does_nothing(recorded, tmp_path, runner):
    """A test that imports a script with the line in it runs as it ran."""
    (tmp_path / "test_mine.py").write_text(
        LINE + "import unittest\nclass Mine(unittest.TestCase):\n    def test_it(self): pass\n"
    )
    command = {
        "pytest": ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"],
        "xdist": ["-m", "pytest", "-q", "-n", "1", "-p", "no:cacheprovider", "test_mine.py"],
        "unittest": ["-m", "unittest", "test_mine"],
        "ipython": ["-m", "IPython", "--no-banner", "--colors=NoColor", "-c", "import test_mine"],
    }[runner]
    ran = recorded.python(*command, cwd=tmp_path, environment={"IPYTHONDIR": str(tmp_path / "ipython")})
    assert (ran.returncode, recorded.path.exists()) == (0, False), ran.stdout + ran.stderr


def test_the_hooks_clean_interpreter_runs_it(recorded, script):
    """Where only the hook is installed: no site-packages, no platform."""
    path = script("import sys; print({name.split('.')[0] for name in sys.modules} - {*sys.stdlib_module_names})")
    root = recorded.environment["PYTHONPATH"]
    code = f"import sys, runpy; sys.path.insert(0, {root!r}); runpy.run_path({path!r}, run_name='__main__')"
    ran = recorded.python("-I", "-S", "-c", code)
    assert eval(ran.stdout) - {"__main__"} == {"tracker"}
    assert [one.status for one in recorded.iterations()] == ["finished"]


def test_a_sync_is_started_at_the_scripts_end(recorded, script):
    """The interpreter starts no thread of ours any more, and the sync goes off all the same."""
    body = "from tracker.capture import autostart; autostart._spawn = lambda home, delay: print('started')"
    assert recorded.python(script(body), environment={"TRACKER_AUTOSYNC": "1"}).stdout == "started\n"
