"""`%load_ext tracker` in real IPython shells and Jupyter kernels: cells run as they ran, long ones are jobs."""

import os
import signal
from contextlib import contextmanager

import pytest
from jupyter_client.manager import KernelManager

from tests.capture.homes import wait_until

# A cell of a fifth of a second is long here, and any time of any day is work.
RULE = "long_cell_seconds=0.2 shortest_seconds=0.05 work_days=Mon-Sun work_hours=0-24"
LONG = "import time; time.sleep(0.25)"

SHELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
for cell in {cells!r}:
    result = shell.run_cell(cell)
    print("result", result.result, type(result.error_in_exec or result.error_before_exec).__name__)
"""


@pytest.fixture
def ipython(recorded, tmp_path):
    """Runs cells in a shell of their own, one after another; returns what was printed, as lines."""
    recorded.environment |= {"TRACKER_GAPS": RULE, "IPYTHONDIR": str(tmp_path / "ipython")}

    def run(*cells, **options):
        ran = recorded.python("-c", SHELL.format(cells=cells), **options)
        assert ran.returncode == 0, ran.stderr
        return (ran.stdout + ran.stderr).splitlines()

    return run


def machine(iteration):
    """(kind, name, status) of what a machine did."""
    return [(span.kind, span.name, span.status) for span in iteration.spans if span.resource == "machine"]


def test_a_long_cell_is_a_job_and_short_ones_are_part_of_a_phase(recorded, ipython):
    """Two short cells before a long one, one after: all but the long one is a person's time, marked as inferred."""
    ipython("%load_ext tracker", LONG.replace("0.25", "0.1"), "x = 1", LONG, LONG.replace("0.25", "0.1"))
    (iteration,) = recorded.iterations()
    told = [(span.kind, span.name, span.status, span.fields.get("inferred", False)) for span in iteration.spans]
    between = ("phase", "between-jobs", "finished", True)
    assert told == [between, ("job", "cell", "finished", False), between]
    assert (iteration.name, iteration.status) == ("notebook", "finished")
    assert iteration.spans[1].after == iteration.spans[0].span


def test_cells_print_and_return_what_they_did_without_us(recorded, ipython):
    """Output, results, errors and syntax errors; recorded, switched off and never loaded."""
    cells = ["print('out')", "6 * 7", "1 / 0", "def", "%unknown", "raise KeyboardInterrupt"]
    bare = ipython("pass", *cells)
    assert ipython("%load_ext tracker", *cells) == bare
    assert ipython("%load_ext tracker", *cells, environment={"TRACKER_OFF": "1"}) == bare
    assert len(recorded.iterations()) == 1


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("1 / 0", "failed"),
        ("raise KeyboardInterrupt", "killed"),
        ("raise SystemExit(1)", "failed"),
        ("pass", "finished"),
    ],
)
def test_how_a_long_cell_ended_is_its_jobs_status(recorded, ipython, end, status):
    """The session goes on after it, and so does the iteration."""
    ipython("%load_ext tracker", f"{LONG}\n{end}", LONG)
    (iteration,) = recorded.iterations()
    assert machine(iteration) == [("job", "cell", status), ("job", "cell", "finished")]
    assert iteration.status == "finished"


def test_nothing_of_a_cell_is_recorded_but_its_times(recorded, ipython):
    """Neither its source, nor what it printed, nor its number."""
    ipython("%load_ext tracker", f"{LONG}; hunter2 = print('marker-out')")
    content = b"".join(path.read_bytes() for path in recorded.path.rglob("*") if path.is_file())
    assert not any(word in content for word in (b"hunter2", b"marker", b"sleep"))


def test_what_a_cell_records_by_itself_is_part_of_it_or_stands_alone(recorded, ipython):
    """A job within a long cell is a stage of it; within a short one a job; a phase and a decision are the person's."""
    ipython(
        "%load_ext tracker",
        f"import tracker\nwith tracker.job('train'): {LONG}",
        "with tracker.job('quick'): pass",
        "tracker.decide('go on')",
    )
    (iteration,) = recorded.iterations()
    assert machine(iteration) == [
        ("job", "cell", "finished"),
        ("stage", "train", "finished"),
        ("job", "quick", "finished"),
    ]
    assert [span.name for span in iteration.spans if span.kind == "decision"] == ["decision"]


def test_an_extension_that_is_broken_breaks_no_cell(recorded, ipython):
    """Each of its steps fails after loading; the cells print what they print, and one line says what happened."""
    broken = (
        "import tracker.capture.integrations.ipython as ours\n"
        "def fail(*arguments): raise RuntimeError('injected')\n"
        "session = getattr(get_ipython(), ours._ATTRIBUTE)\n"
        "session.recorder.record = fail; session._iteration._close = fail"
    )
    printed = ipython("%load_ext tracker", broken, "print('out')", "6 * 7", "%unload_ext tracker", "print('on')")
    assert [line for line in printed if "loopgauge" in line] == [
        "loopgauge: not recorded: RuntimeError: injected; the experiment goes on"
    ]
    ours = [line for line in printed if "loopgauge" not in line]
    assert [line for line in ours if not line.startswith("result None NoneType")] == [
        "out",
        "Out[0]: 42",
        "result 42 NoneType",
        "on",
    ]


def test_a_home_that_cannot_be_written_breaks_no_cell(recorded, ipython, tmp_path):
    """Loading says so once; the cells run."""
    (tmp_path / "file").write_text("")
    printed = ipython("%load_ext tracker", "6 * 7", environment={"TRACKER_HOME": str(tmp_path / "file" / "home")})
    assert sum("loopgauge: not recorded" in line for line in printed) == 1
    assert "result 42 NoneType" in printed


def test_unloading_ends_the_iteration_and_loading_again_begins_another(recorded, ipython):
    """A cell between the two is nobody's."""
    ipython("%load_ext tracker", "%unload_ext tracker", LONG, "%load_ext tracker", LONG, "%reload_ext tracker")
    first, second, third = recorded.iterations()
    assert [machine(one) for one in (first, second, third)] == [[], [("job", "cell", "finished")], []]
    assert {one.status for one in (first, second, third)} == {"finished"}
    assert first.ended_at <= second.started_at


def test_study_regime_and_name_are_said_in_the_notebook(recorded, ipython):
    """`%env` before loading."""
    ipython("%env TRACKER_STUDY=sae", "%env TRACKER_REGIME=real", "%env TRACKER_NAME=k32", "%load_ext tracker")
    (iteration,) = recorded.iterations()
    assert (iteration.study, iteration.regime, iteration.name) == ("sae", "real", "k32")


def test_a_child_process_of_a_cell_works_for_the_notebook(recorded, ipython):
    """A script that a cell starts is a job of the iteration, and a part of a long cell."""
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import tracker.auto'])"
    ipython("%load_ext tracker", f"{LONG}; {script}")
    (iteration,) = recorded.iterations()
    assert machine(iteration) == [("job", "cell", "finished"), ("stage", "python", "finished")]


class Kernel:
    """A Jupyter kernel and a client that waits for its cells."""

    def __init__(self, manager):
        self.manager = manager
        self.client = manager.blocking_client()

    def connect(self):
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, cell):
        """Returns the reply's status and the texts printed."""
        printed = []
        reply = self.client.execute_interactive(
            cell, timeout=60, output_hook=lambda message: printed.append(message["content"].get("text", ""))
        )
        return reply["content"]["status"], "".join(printed)

    def restart(self, *, now=False):
        self.manager.restart_kernel(now=now)
        self.client.stop_channels()
        self.client = self.manager.blocking_client()
        self.connect()


@pytest.fixture
def kernel(recorded, tmp_path):
    """Starts kernels whose cells are recorded; shuts them down as Jupyter does."""
    recorded.environment |= {"TRACKER_GAPS": RULE, "IPYTHONDIR": str(tmp_path / "ipython")}

    @contextmanager
    def started():
        manager = KernelManager(connection_file=str(tmp_path / "kernel.json"))
        manager.start_kernel(env=recorded.environment)
        kernel = Kernel(manager)
        try:
            kernel.connect()
            yield kernel
        finally:
            kernel.client.stop_channels()
            manager.shutdown_kernel()

    return started


def test_a_notebook_is_one_iteration_across_a_restart_of_its_kernel(recorded, kernel):
    """Jupyter's own kernel, its own restart: cells before and after it are jobs of one iteration."""
    with kernel() as running:
        assert running.run("%load_ext tracker") == ("ok", "")
        assert running.run(f"{LONG}; print('out')") == ("ok", "out\n")
        running.restart()
        running.run("%load_ext tracker")
        assert running.run(f"{LONG}; 1 / 0")[0] == "error"
    (iteration,) = recorded.iterations()
    assert machine(iteration) == [("job", "cell", "finished"), ("job", "cell", "failed")]
    assert (iteration.status, iteration.is_end_estimated) == ("finished", False)
    assert all("attempt" not in span.fields for span in iteration.spans)


def test_a_kernel_that_dies_in_a_cell_leaves_that_cell_killed(recorded, kernel):
    """Out of memory, say: the job is as long as is known, and the restarted kernel goes on with the iteration."""
    with kernel() as running:
        running.run("%load_ext tracker")
        process = int(running.run("import os; print(os.getpid())")[1])
        running.client.execute(LONG.replace("0.25", "60"))
        wait_until(lambda: [event["event"] for event in recorded.events()].count("cell_started") == 2)
        os.kill(process, signal.SIGKILL)
        running.restart(now=True)
        running.run("%load_ext tracker")
        running.run(LONG)
    (iteration,) = recorded.iterations()
    assert machine(iteration) == [("job", "cell", "killed"), ("job", "cell", "finished")]
    assert iteration.status == "finished"


def test_an_interrupted_cell_is_killed_and_its_kernel_goes_on(recorded, kernel):
    """The stop button: SIGINT to the kernel, which lives on."""
    with kernel() as running:
        running.run("%load_ext tracker")
        # Short naps: a signal that came just before one long sleep would be noticed at its end.
        running.client.execute(f"{LONG}; print('begun', flush=True)\nfor _ in range(6000): time.sleep(0.01)")
        while running.client.get_iopub_msg(timeout=60)["content"].get("text") != "begun\n":
            pass
        running.manager.interrupt_kernel()
        assert running.client.get_shell_msg(timeout=60)["content"]["status"] == "error"
        running.run("x = 1")
    (iteration,) = recorded.iterations()
    assert (machine(iteration), iteration.status) == ([("job", "cell", "killed")], "finished")
