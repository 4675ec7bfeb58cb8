"""Processes, threads and tasks that record at once neither clash nor wait for each other, and nothing counts twice."""

import asyncio
import threading

import pytest

import tracker
from tests.capture.homes import damage_in, iterations_in, names_of, run_python, start_python
from tracker.capture.segments import read_segment, segment_paths

STARTS = 64
DATA_LOADER = """
import sys, warnings, tracker, torch
warnings.filterwarnings("ignore", "This DataLoader will create 2 worker")  # where there is one core
class Numbers(torch.utils.data.Dataset):
    def __len__(self): return 8
    def __getitem__(self, item):
        with tracker.job("read"): return torch.tensor(item)
if __name__ == "__main__":
    with tracker.iteration("one", study="s") as it, it.job("train") as job:
        numbers = torch.utils.data.DataLoader(Numbers(), num_workers=2, multiprocessing_context=sys.argv[1])
        assert sorted(int(batch) for batch in numbers) == list(range(8))
"""


def test_sixty_four_starts_on_an_empty_home(home):
    """Each makes the folder, the person and its segment; all find the same person, and each iteration is there once."""
    code = "import tracker\nwith tracker.iteration('one', study='s') as it, it.job('train'): pass"
    children = [start_python(code) for _ in range(STARTS)]
    assert {child.communicate() for child in children} == {("", "")}
    iterations = iterations_in(home)
    assert len({iteration.iteration for iteration in iterations}) == len(iterations) == STARTS
    assert len({iteration.person for iteration in iterations}) == 1
    assert {(iteration.status, *names_of(iteration)) for iteration in iterations} == {("finished", "train")}
    assert sorted(path.name for path in home.iterdir()) == ["journal", "person"]


def test_threads_that_begin_together_share_one_segment(home):
    """The first event opens the segment, whoever writes it; no record is torn and each job is there once."""
    begin = threading.Barrier(16)

    def train(number):
        begin.wait()
        for _ in range(50):
            with tracker.job(f"train {number}"):
                pass

    with tracker.iteration("one", study="s"):
        threads = [threading.Thread(target=train, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    (iteration,) = iterations_in(home)
    assert len(segment_paths(home / "journal")) == 1
    assert (damage_in(home), len(iteration.spans)) == ([], 16 * 50)


def test_iterations_in_threads_keep_their_jobs_apart(home):
    """Each thread's jobs belong to the iteration that this thread opened."""

    def turn(number):
        with tracker.iteration(f"turn {number}", study="s"):
            for _ in range(20):
                with tracker.job(f"train {number}"):
                    pass

    threads = [threading.Thread(target=turn, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {iteration.name: set(names_of(iteration)) for iteration in iterations_in(home)}
    assert found == {f"turn {number}": {f"train {number}"} for number in range(8)}


def test_iterations_in_tasks_keep_their_jobs_apart(home):
    """Tasks of one thread take turns in the middle of their jobs."""

    async def turn(number):
        with tracker.iteration(f"turn {number}", study="s"):
            for _ in range(5):
                with tracker.job(f"train {number}"):
                    await asyncio.sleep(0)

    async def main():
        await asyncio.gather(*(turn(number) for number in range(8)))

    asyncio.run(main())
    found = {iteration.name: names_of(iteration) for iteration in iterations_in(home)}
    assert found == {f"turn {number}": [f"train {number}"] * 5 for number in range(8)}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_data_loader_workers_record_into_the_job_that_feeds_on_them(home, method):
    """Two real worker processes: eight reads, each once, as stages of the one job."""
    script = home.parent / "train.py"
    script.write_text(DATA_LOADER)
    run_python(f"import sys, os; os.execv(sys.executable, [sys.executable, {str(script)!r}, {method!r}])")
    (iteration,) = iterations_in(home)
    assert (names_of(iteration), names_of(iteration, "stage")) == (["train"], ["read"] * 8)
    assert len(segment_paths(home / "journal")) == 3


def test_forks_in_the_midst_of_recording_threads_do_not_deadlock(home):
    """A lock that another thread holds at the fork stays locked in the child for ever: the child must need none."""
    code = """
import os, threading, tracker
stop = threading.Event()
def record():
    while not stop.is_set():
        tracker.decide("go on")
with tracker.iteration("one", study="s"):
    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads: thread.start()
    for _ in range(20):
        child = os.fork()
        if child == 0:
            with tracker.job("train"): pass
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    stop.set()
    for thread in threads: thread.join()
"""
    run_python(code)
    (iteration,) = iterations_in(home)
    assert (names_of(iteration), damage_in(home)) == (["train"] * 20, [])


def test_a_segment_never_holds_records_of_two_processes(home):
    """Forked children write segments of their own from their first event on."""
    code = "import multiprocessing, tracker\ndef train(number):\n    with tracker.job('train'): pass\n"
    code += "with tracker.iteration('one', study='s'), multiprocessing.get_context('fork').Pool(4) as pool:\n"
    code += "    pool.map(train, range(32))"
    run_python(code)
    for path in segment_paths(home / "journal"):
        processes = [event["pid"] for event in read_segment(path).events if event["event"] == "segment_opened"]
        assert len(processes) == 1
    assert names_of(iterations_in(home)[0]) == ["train"] * 32
