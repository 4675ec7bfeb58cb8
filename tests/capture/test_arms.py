"""`tracker.arm`: one slot per iteration, written down before the work, the same for all who work for it."""

import asyncio
import json
import threading

import pytest

import tracker
from tests.capture.homes import events_in, iterations_in, run_python, start_python
from tests.capture.test_ranks import launch
from tracker.capture.plans import current_plan, end_plan, file_name, forget_slots, write_plan

ARMS = "BCCBCBBCBCCBBCBC"


@pytest.fixture
def plan(home):
    """A plan for the tool `cache` in the test's home."""
    return put_plan(home)


def put_plan(home, arms=ARMS, tool="cache", placebo="", digest="ab" * 32):
    write_plan(str(home), tool, json.dumps({"tool": tool, "arms": arms, "placebo": placebo}), digest)
    return current_plan(str(home), tool)


def is_changed(letters):
    return [letter == "C" for letter in letters]


def recorded_arms(home, tool="cache"):
    return [iteration.tools.get(tool) for iteration in iterations_in(home)]


def test_without_a_plan_it_is_false_and_records_nothing(home):
    with tracker.iteration("one", study="s"):
        assert tracker.arm("cache") is False
    assert iterations_in(home)[0].tools == {}
    assert not (home / "plans").exists()


def test_arms_follow_the_plan_in_order(home, plan):
    found = []
    for number in range(len(ARMS)):
        with tracker.iteration(str(number), study="s"):
            found.append(tracker.arm("cache"))
    assert found == is_changed(ARMS)
    assert recorded_arms(home) == ["changed" if changed else "baseline" for changed in is_changed(ARMS)]


def test_asked_twice_an_iteration_gets_one_arm(plan):
    with tracker.iteration("one", study="s"):
        assert [tracker.arm("cache") for _ in range(3)] == [False] * 3
    assert len(plan.slots()) == 1


def test_asked_before_it_opens_an_iteration_gets_that_arm(home, plan):
    """As in tools={"cache": tracker.arm("cache")}; children then find the slot by the iteration."""
    for _ in range(3):
        tools = {"cache": tracker.arm("cache")}
        with tracker.iteration("one", study="s", tools=tools) as it:
            assert tracker.arm("cache") is tools["cache"]
            assert plan.slots()[-1].iteration == it.id
    assert recorded_arms(home) == ["baseline", "changed", "changed"]


def test_the_arm_is_in_the_journal_before_the_answer_is_given(home, plan):
    """A process that is killed at once has told its arm; its iteration is known as killed in that arm."""
    code = (
        "import os, tracker\n"
        "it = tracker.iteration('one', study='s'); it.__enter__()\n"
        "tracker.arm('cache')\n"
        "os.kill(os.getpid(), 9)"
    )
    for _ in range(2):
        start_python(code).communicate()
    arms = [(one.status, one.tools["cache"]) for one in iterations_in(home, is_alive=False)]
    assert arms == [("killed", "baseline"), ("killed", "changed")]


def test_a_used_up_plan_gives_no_arm(home):
    plan = put_plan(home, arms="C")
    found = []
    for _ in range(3):
        with tracker.iteration("one", study="s"):
            found.append(tracker.arm("cache"))
    assert found == [True, False, False]
    assert recorded_arms(home) == ["changed", None, None]
    assert len(plan.slots()) == 1


def test_a_child_process_works_under_the_iterations_arm(plan):
    with tracker.iteration("one", study="s"):
        tracker.arm("cache")
    with tracker.iteration("two", study="s"):
        answer = run_python("import tracker; print(tracker.arm('cache'))")
        assert answer.strip() == "True"
        assert tracker.arm("cache") is True
    assert len(plan.slots()) == 2


def test_forty_processes_at_once_get_forty_slots(home):
    arms = "BC" * 20
    plan = put_plan(home, arms=arms)
    code = "import tracker\nwith tracker.iteration('one', study='s'): print(tracker.arm('cache'))"
    children = [start_python(code) for _ in range(40)]
    answers = [child.communicate() for child in children]
    assert sorted(answers) == [("False\n", "")] * 20 + [("True\n", "")] * 20
    assert [slot.number for slot in plan.slots()] == list(range(40))
    told = {slot.iteration: arms[slot.number] == "C" for slot in plan.slots()}
    assert {one.iteration: one.tools["cache"] == "changed" for one in iterations_in(home)} == told


def test_threads_that_open_iterations_side_by_side_do_not_share_a_slot(home, plan):
    """Also where each asks before its iteration opens."""
    together, found = threading.Barrier(8), []

    def turn():
        together.wait()
        changed = tracker.arm("cache")
        with tracker.iteration("one", study="s", tools={"cache": changed}):
            found.append(changed)

    threads = [threading.Thread(target=turn) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(is_changed(ARMS[:8]))
    assert len({slot.iteration for slot in plan.slots()}) == 8


def test_tasks_do_not_share_a_slot(plan):
    async def turn():
        changed = tracker.arm("cache")
        await asyncio.sleep(0)
        with tracker.iteration("one", study="s"):
            return changed, tracker.arm("cache")

    async def both():
        return await asyncio.gather(turn(), turn())

    first, second = asyncio.run(both())
    assert (first, second) == ((False, False), (True, True))


@pytest.mark.parametrize("asks", ["before", "within"])
def test_all_ranks_of_a_launch_work_under_one_arm(home, plan, asks):
    before = "arm = tracker.arm('cache')\n" if asks == "before" else ""
    within = "arm = tracker.arm('cache'); " if asks == "within" else ""
    code = f"import tracker\n{before}with tracker.iteration('one', study='s'):\n    {within}tracker.decide(str(arm))"
    for port, arm in (("29500", "baseline"), ("29501", "changed")):
        launch(code, ranks=4, port=port)
        assert recorded_arms(home)[-1] == arm
    assert len(plan.slots()) == 2
    assert len(iterations_in(home)) == 2


def test_a_slot_whose_iteration_never_began_stays_taken(plan):
    """It was given out: giving it out again would let people choose."""
    run_python("import tracker; tracker.arm('cache')")
    with tracker.iteration("one", study="s"):
        assert tracker.arm("cache") is True
    assert [slot.iteration == "-" for slot in plan.slots()] == [True, False]


def test_the_placebo_is_recorded_and_acted_on_by_nobody(home):
    put_plan(home, arms="BC", placebo="CC")
    with tracker.iteration("one", study="s"):
        assert tracker.arm("cache") is False
    assert iterations_in(home)[0].tools == {"cache": "baseline", "cache.placebo": "changed"}


def test_an_ended_plan_gives_no_arms_and_a_new_one_starts_afresh(home, plan):
    with tracker.iteration("one", study="s"):
        tracker.arm("cache")
    assert end_plan(str(home), "cache")
    with tracker.iteration("two", study="s"):
        assert tracker.arm("cache") is False
    assert not end_plan(str(home), "cache")
    other = put_plan(home, arms="CB", digest="cd" * 32)
    with tracker.iteration("three", study="s"):
        assert tracker.arm("cache") is True
    assert (len(plan.slots()), len(other.slots())) == (1, 1)
    assert recorded_arms(home) == ["baseline", None, "changed"]


def test_two_attempts_under_different_arms_are_in_neither(home):
    """What was resumed under another arm measures neither."""
    put_plan(home, arms="BC")
    for _ in range(2):
        changed = tracker.arm("cache")
        it = tracker.iteration("one", study="s", resume=True)
        it.__enter__()
        if not changed:
            it.__exit__(RuntimeError, RuntimeError("preempted"), None)
        else:
            it.__exit__(None, None, None)
    (iteration,) = iterations_in(home)
    assert "cache" not in iteration.tools


def test_a_torn_line_of_a_power_cut_costs_no_slot(plan):
    with tracker.iteration("one", study="s"):
        tracker.arm("cache")
    with open(plan.path.replace(".json", ".slots"), "a") as file:
        file.write("1 abc")
    with tracker.iteration("two", study="s"):
        assert tracker.arm("cache") is True
    assert [slot.number for slot in plan.slots()] == [0, 1]


@pytest.mark.parametrize("damage", ["plan", "pointer", "unreadable"])
def test_a_damaged_plan_is_reported_and_stops_nobody(home, plan, damage):
    pointer = home / "plans" / "cache.current"
    if damage == "plan":
        with open(plan.path, "w") as file:
            file.write("{")
    elif damage == "pointer":
        pointer.write_text("missing.json\n")
    else:
        pointer.unlink()
        pointer.symlink_to(pointer)  # a loop, which root cannot read either
    with tracker.iteration("one", study="s"):
        assert tracker.arm("cache") is False
    assert iterations_in(home)[0].tools == {}
    assert [event["event"] for event in events_in(home)].count("tracker_failed") == 1


def test_plans_and_slots_are_the_owners_alone(home, plan):
    with tracker.iteration("one", study="s"):
        tracker.arm("cache")
    modes = {oct(path.stat().st_mode & 0o777) for path in (home / "plans").iterdir()}
    assert modes == {"0o600"}
    assert (home / "plans").stat().st_mode & 0o777 == 0o700


def test_tools_of_any_name_have_files_of_their_own():
    names = ["cache", "CACHE 2", "../../etc", "ä", "a" * 300, ""]
    files = {file_name(name) for name in names}
    assert len(files) == len(names)
    assert all(len(one) < 100 and "/" not in one and one.isascii() for one in files)


def test_switched_off_there_are_no_arms(plan):
    answer = run_python("import tracker; print(tracker.arm('cache'))", TRACKER_OFF="1")
    assert answer.strip() == "False"
    assert plan.slots() == []


def test_an_arm_costs_the_hook_no_module_of_the_platform(plan, home):
    code = (
        "import sys, tracker; it = tracker.iteration('a'); it.__enter__(); tracker.arm('cache'); "
        "print({m.split('.')[0] for m in sys.modules} & {'numpy', 'mlflow', 'pyarrow', 'hashlib'})"
    )
    assert run_python(code).strip() == "set()"


def test_an_attempt_that_asks_within_its_iteration_goes_on_under_its_arm(home, plan):
    for status in (RuntimeError, None):
        it = tracker.iteration("one", study="s", resume=True)
        it.__enter__()
        assert tracker.arm("cache") is False
        it.__exit__(status, status and status("preempted"), None)
    assert recorded_arms(home) == ["baseline"]
    assert len(plan.slots()) == 1


def test_an_erased_iteration_leaves_its_slot_taken_by_nobody_known(home, plan):
    ids = []
    for number in range(3):
        with tracker.iteration(str(number), study="s") as it:
            tracker.arm("cache")
            ids.append(it.id)
    forget_slots(home, {ids[1]})
    assert [slot.iteration for slot in plan.slots()] == [ids[0], "-", ids[2]]
    assert ids[1].encode() not in b"".join(path.read_bytes() for path in (home / "plans").iterdir())
    with tracker.iteration("four", study="s"):
        assert tracker.arm("cache") is is_changed(ARMS)[3]
