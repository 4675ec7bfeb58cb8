"""Waits frozen, queue solved again, saved time re-invested: against a simulation of people who share machines."""

import heapq

import numpy as np
import pytest
from known_loops import START

from tracker.speedup import NotEstimable, what_if

PEOPLE, MACHINES, THINK, SERVICE = 6, 2, 20.0, 14.0


def simulate(seed, *, think=THINK, service=SERVICE, loops=3_000, pause=0.0):
    """A spans table of people who think, then queue for one of the machines, loop after loop."""
    rng = np.random.default_rng(seed)
    ready = [(rng.exponential(think), person, 0.0) for person in range(PEOPLE)]
    heapq.heapify(ready)
    free, rows = [0.0] * MACHINES, []
    for number in range(loops):
        enabled, person, begun = heapq.heappop(ready)
        started = max(enabled, heapq.heappop(free))
        ended = started + rng.exponential(service)
        heapq.heappush(free, ended)
        rest = rng.exponential(pause) if pause else 0.0
        heapq.heappush(ready, (ended + rest + rng.exponential(think), person, ended + rest))
        rows.append((number, person, begun, begun, enabled, "phase", "think"))
        rows.append((number, person, enabled, started, ended, "job", "train"))
    columns = list(zip(*rows, strict=True))
    instants = {
        name: (np.array(columns[place]) + START) * 1e6
        for name, place in (("enabled_at", 2), ("started_at", 3), ("ended_at", 4))
    }
    return {
        "iteration": [str(number) for number in columns[0]],
        "person": [f"p{person}" for person in columns[1]],
        "span": [str(number) for number in range(len(rows))],
        "kind": columns[5],
        "name": columns[6],
        **{name: values.astype(np.int64) for name, values in instants.items()},
    }


def mean_seconds(table):
    """Mean length of a loop."""
    begun = np.array(table["enabled_at"])[np.array(table["kind"]) == "phase"]
    return (np.array(table["ended_at"])[np.array(table["kind"]) == "job"] - begun).mean() / 1e6


@pytest.fixture(scope="module")
def recorded():
    """6,000 loops without the change."""
    return simulate(1)


def test_reinvested_time_is_what_a_simulation_with_the_change_gives(recorded):
    """People start the next loop at once, with half the thinking or half the job: within 4 % of a new simulation."""
    for change, faster in (("scale:phase:2", {"think": THINK / 2}), ("scale:job:2", {"service": SERVICE / 2})):
        truth = mean_seconds(recorded) / mean_seconds(simulate(2, **faster))
        result = what_if(recorded, change, answer="reinvested", people=PEOPLE, machines=MACHINES, draws=100)
        assert result.speedup == pytest.approx(truth, rel=0.04)


def test_frozen_waits_overstate_faster_thinking_and_understate_faster_jobs(recorded):
    """The reason for the other answers: the queue grows in the one case and shrinks in the other."""
    frozen, solved = (
        {
            change: what_if(recorded, change, answer=answer, draws=100).speedup
            for change in ("scale:phase:2", "scale:job:2")
        }
        for answer in ("frozen", "reinvested")
    )
    assert frozen["scale:phase:2"] > 1.05 * solved["scale:phase:2"]
    assert frozen["scale:job:2"] < 0.95 * solved["scale:job:2"]


def test_at_the_same_rate_faster_thinking_leaves_the_queue_alone(recorded):
    """Nobody submits more than before; shorter jobs, at the same rate, wait less than with more loops."""
    ask = {"draws": 100, "people": PEOPLE, "machines": MACHINES}
    frozen = what_if(recorded, "scale:phase:2", draws=100)
    same = what_if(recorded, "scale:phase:2", answer="queue", **ask)
    assert same.queue_ratio == pytest.approx(1, abs=0.01)
    assert same.speedup == pytest.approx(frozen.speedup, rel=0.01)
    jobs = {answer: what_if(recorded, "scale:job:2", answer=answer, **ask) for answer in ("queue", "reinvested")}
    assert jobs["queue"].queue_ratio < jobs["reinvested"].queue_ratio < 1


def test_same_rate_is_what_a_simulation_with_pauses_gives(recorded):
    """Half the job, and people pause so that they come as often as before: within 3 % of a new simulation."""
    result = what_if(recorded, "scale:job:2", answer="queue", people=PEOPLE, machines=MACHINES, draws=100)
    pause = mean_seconds(recorded) * (1 - 1 / result.speedup)
    paused = simulate(3, service=SERVICE / 2, pause=pause)
    assert mean_seconds(recorded) / mean_seconds(paused) == pytest.approx(result.speedup, rel=0.03)


def test_machines_and_people_are_found_from_the_waits(recorded):
    """Six loops in progress, two machines; it says that their number was not stated."""
    result = what_if(recorded, "scale:job:2", answer="queue", draws=100)
    assert any("explained best by 2 machines shared by 6.0 jobs" in caution for caution in result.cautions)
    stated = what_if(recorded, "scale:job:2", answer="queue", people=6, machines=2, draws=100)
    assert not any("explained best" in caution for caution in stated.cautions)


def test_uncertain_wait_is_in_the_interval(recorded):
    """The solved ratio of waits has an error of its own, found by leaving groups of loops out."""
    few = {name: values[:120] for name, values in recorded.items()}
    frozen, solved = (what_if(few, "scale:job:2", answer=answer) for answer in ("frozen", "reinvested"))
    assert np.diff(np.log(solved.interval)) > np.diff(np.log(frozen.interval))


def test_unchanged_loops_are_exactly_one_in_every_answer(recorded):
    """The control: nothing changed, nothing gained."""
    for answer in ("frozen", "queue", "reinvested"):
        result = what_if(recorded, "scale:job:1", answer=answer, draws=100)
        assert result.speedup == pytest.approx(1, abs=1e-6)
        assert result.interval == pytest.approx((1, 1), abs=1e-4)


def test_one_person_alone_does_not_explain_a_queue():
    """Somebody else was there, and nothing says how many."""
    table = simulate(1)
    mine = np.array(table["person"]) == "p0"
    alone = {name: np.array(values)[mine] for name, values in table.items()}
    result = what_if(alone, "scale:job:2", answer="queue")
    assert isinstance(result, NotEstimable)
    assert "people=8, machines=2" in result.remedy
    assert what_if(alone, "scale:job:2", answer="queue", people=6, machines=2, draws=100).queue_ratio < 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"answer": "solved"}, "answer == 'solved', must be one of frozen, queue, reinvested"),
        ({"machines": 2}, "machines is for answer='queue'"),
        ({"answer": "queue", "machines": 0}, "machines == 0, must be a whole number from 1"),
        ({"answer": "queue", "people": 0.5}, "people == 0.5, must be from 1"),
    ],
)
def test_bad_setting_says_what_is_allowed(recorded, setting, message):
    """What is wrong, the value, what is allowed."""
    with pytest.raises(ValueError, match=message):
        what_if(recorded, "scale:job:2", **setting)
