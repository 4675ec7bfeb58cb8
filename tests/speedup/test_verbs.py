"""The six verbs on phases, stages, jobs and queues, against wall-clocks worked out by hand and by brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_loops import Loops, job, one, phase, span, stage
from test_replay_graph import any_iteration

from tracker.speedup import parse_change, replay_graph
from tracker.speedup.counterfactual.replaying import Replayer

SWEEP = (
    phase("implement", 0, 10),
    phase("launch", 10, 11, id="l1"),
    job("train", 11, 31, id="t1"),
    phase("launch", 31, 32, id="l2"),
    job("train", 32, 42, id="t2"),
    phase("launch", 42, 43, id="l3"),
    job("train", 43, 73, id="t3"),
    phase("evaluate", 73, 83),
)


def seconds(table, *changes):
    """Wall-clock of each iteration under the changes."""
    return Replayer(replay_graph(table)).seconds(tuple(parse_change(text) for text in changes)).tolist()


def test_fraction_of_a_phase_follows_amdahl():
    """Amdahl (1967) inside the phase: half of 20 s at a quarter of its length is 12.5 s."""
    assert seconds(one(phase("think", 0, 20)), "scale:phase:think:4,0.5") == [12.5]


def test_two_places_run_a_sweep_two_at_a_time():
    """By hand: launched at 11, 12, 13; 20 s and 10 s at once, the 30 s one when the 10 s one is done: 22 to 52."""
    assert seconds(one(*SWEEP), "parallelise:job:train:2") == [52 + 10]
    assert seconds(one(*SWEEP), "parallelise:job:3") == [13 + 30 + 10]
    assert seconds(one(*SWEEP), "parallelise:job:1") == [83]


def test_overhead_lengthens_what_runs_beside_others():
    """Three places, each job 10 % longer: the longest starts at 13 and takes 33 s."""
    assert seconds(one(*SWEEP), "parallelise:job:3,0.1") == pytest.approx([13 + 33 + 10])


def test_jobs_side_by_side_after_being_sped_up():
    """First twice as fast, then two at a time: 10 and 5 s from 11 and 12, 15 s from 17 on."""
    assert seconds(one(*SWEEP), "parallelise:job:2", "scale:job:2") == pytest.approx([32 + 10])


def test_a_decision_or_another_phase_ends_a_sweep():
    """The second job may depend on what was decided or evaluated after the first."""
    decided = [*SWEEP[:3], span("d", "decision", "d", 31, 31), *SWEEP[3:5]]
    evaluated = [*SWEEP[:3], phase("evaluate", 31, 32), job("train", 32, 42, id="t2")]
    assert seconds(one(*decided), "parallelise:job:4") == [42]
    assert seconds(one(*evaluated), "parallelise:job:4") == [42]


def test_jobs_in_line_whose_order_is_not_stated_are_a_sweep_too():
    """An imported table: three jobs after one phase, one after the other."""
    table = one(phase("launch", 0, 5), job("a", 5, 15), job("b", 15, 35), job("c", 36, 56), phase("read", 56, 60))
    assert seconds(table, "parallelise:job:2") == [15 + 20 + 4]
    assert seconds(table, "parallelise:job:3") == [6 + 20 + 4]


def test_one_job_is_not_divided():
    """Two places do not make a single job faster; a phase and a stage are divided."""
    table = one(phase("think", 0, 10), job("train", 10, 50), stage("train", "load", 10, 30))
    assert seconds(table, "parallelise:job:4") == [50]
    assert seconds(table, "parallelise:phase:2,0.2") == [46]
    assert seconds(table, "parallelise:stage:load:4") == [35]


@pytest.mark.parametrize("width", [2, 3, 5])
def test_sweep_ends_when_a_list_schedule_would(width):
    """Brute force: each job in turn to the place that is free first; ten random sweeps in one table."""
    rng = np.random.default_rng(width)
    loops, expected = Loops(), []
    for _ in range(10):
        lengths, launches = rng.integers(1, 50, 6), rng.integers(0, 5, 6)
        spans, at = [], 0
        for number, (launch, length) in enumerate(zip(launches, lengths, strict=True)):
            spans += [phase("launch", at, at + launch, id=f"l{number}")]
            spans += [job("train", at + launch, at + launch + length, id=f"t{number}")]
            at += launch + length
        places, launched, ends = [0.0] * width, 0, []
        for launch, length in zip(launches, lengths, strict=True):
            launched += launch
            place = int(np.argmin(places))
            places[place] = max(places[place], launched) + length
            ends.append(places[place])
        expected.append(max(ends) + 3)
        loops.iteration([*spans, phase("evaluate", at, at + 3)])
    assert seconds(loops.table(), f"parallelise:job:{width}") == pytest.approx(expected)


def test_dropping_spans_saves_their_share_exactly():
    """In a sequence the mean over all ways is linear: 60 s of training lose 30 %, whatever the lengths."""
    assert seconds(one(*SWEEP), "prune:job:0.3") == pytest.approx([83 - 18])
    assert seconds(one(phase("a", 0, 10), phase("b", 10, 40)), "prune:phase:0.25") == pytest.approx([30])


def test_dropping_one_of_two_parallel_jobs_saves_what_the_other_leaves():
    """20 s and 50 s beside each other: half dropped leaves the one or the other, 35 s on the average."""
    table = one(phase("launch", 0, 5), job("a", 5, 25), job("b", 5, 55), phase("read", 55, 60))
    assert seconds(table, "prune:job:0.5") == pytest.approx([5 + 35 + 5])


def test_pruned_jobs_equal_all_ways_enumerated():
    """Four parallel jobs, a quarter dropped: exactly one goes, each as often."""
    lengths = (10, 20, 40, 80)
    table = one(phase("launch", 0, 1), *(job(f"j{k}", 1, 1 + k) for k in lengths))
    ways = [1 + max(set(lengths) - {gone}) for gone in lengths]
    assert seconds(table, "prune:job:0.25") == pytest.approx([np.mean(ways)])


def test_dropped_job_does_not_queue_and_dropped_queue_does_not_wait():
    """10 s of queue before 30 s of job."""
    table = one(phase("launch", 0, 5), job("train", 15, 45, queued=5))
    assert seconds(table, "prune:job:0.5") == pytest.approx([5 + 20])
    assert seconds(table, "prune:queue:0.5") == pytest.approx([5 + 5 + 30])


def test_dropped_stage_leaves_the_rest_of_its_job():
    """Of two loads of 10 s one is dropped."""
    spans = [job("a", 0, 30), stage("a", "load", 0, 10), job("b", 30, 60, after="a"), stage("b", "load", 30, 40)]
    assert seconds(one(*spans), "prune:stage:load:0.5") == pytest.approx([50])


def test_phase_beside_the_job_it_waited_for():
    """Writing the evaluation while training runs: 40 s of it beside 30 s of job, then 10 s of deciding."""
    table = one(phase("launch", 0, 5), job("train", 5, 35), phase("evaluate", 35, 75), phase("decide", 75, 85))
    assert seconds(table, "overlap:phase:evaluate") == [5 + 40 + 10]
    assert seconds(table, "overlap:job:train") == [5 + 40 + 10]
    assert seconds(table, "overlap:phase:evaluate:0.5") == [5 + 30 + 20 + 10]
    assert seconds(table, "overlap:phase:evaluate", "scale:phase:evaluate:2") == [5 + 30 + 10]


def test_queue_is_waited_for_no_longer_either():
    """The phase begins when the job is submitted, not when it starts."""
    table = one(phase("launch", 0, 5), job("train", 25, 35, queued=5), phase("evaluate", 35, 50))
    assert seconds(table, "overlap:phase:evaluate") == [5 + 30]


def test_stage_beside_the_rest_of_its_job():
    """Loading 20 s beside 30 s of the rest; half of it beside; and 40 s of loading beside 10 s."""
    table = one(job("train", 0, 50), stage("train", "load", 0, 20))
    assert seconds(table, "overlap:stage:load") == [30]
    assert seconds(table, "overlap:stage:load:0.5") == [40]
    assert seconds(one(job("train", 0, 50), stage("train", "load", 0, 40)), "overlap:stage:load") == [40]


def test_queue_beside_the_phase_before_it():
    """Submitted 12 s of phase earlier, 20 s of queue become 8."""
    table = one(phase("launch", 0, 12), job("train", 32, 42, queued=12))
    assert seconds(table, "overlap:queue") == [12 + 8 + 10]
    assert seconds(table, "overlap:queue:train:0.25") == [12 + 15 + 10]


def test_named_queue_is_that_of_the_jobs_of_this_name():
    """Two jobs queue 10 s each; one name is served at once."""
    table = one(job("a", 10, 20, queued=0), phase("read", 20, 25), job("b", 35, 45, queued=25), phase("decide", 45, 50))
    assert seconds(table, "remove:queue:b") == [40]
    assert seconds(table, "remove:queue") == [30]


def test_all_stages_leave_what_no_stage_covers():
    """25 of 40 s are in stages."""
    table = one(job("train", 0, 40), stage("train", "load", 0, 10), stage("train", "steady", 15, 30))
    assert seconds(table, "scale:stage:5") == [15 + 5]


def test_critical_path_switches_to_what_was_hidden():
    """Beside 60 s of job the 40 s phase costs nothing, until the job takes less than it."""
    table = one(
        phase("launch", 0, 5), job("train", 5, 65, after="launch"), phase("write", 5, 45), phase("read", 65, 70)
    )
    assert seconds(table, "scale:job:1.2") == [5 + 50 + 5]
    assert seconds(table, "scale:job:3") == [5 + 40 + 5]
    assert seconds(table, "scale:job:3", "scale:phase:write:2") == [5 + 20 + 5]


def test_order_of_six_verbs_does_not_matter():
    """Every order of verbs on the same spans gives the same seconds."""
    changes = ("scale:job:2", "parallelise:job:2,0.1", "prune:job:0.3", "overlap:phase:evaluate", "cache:queue:0.5")
    answers = {tuple(seconds(one(*SWEEP), *order)) for order in itertools.permutations(changes)}
    assert len(answers) == 1


@settings(max_examples=60, deadline=None)
@given(any_iteration(), st.permutations(["scale:phase:2", "overlap:job", "prune:job:0.4", "parallelise:job:2"]))
def test_changes_that_help_never_lengthen_a_loop(spans, changes):
    """Whatever the spans, in whatever order, up to rounding; and doing nothing gives back what was recorded."""
    table = Loops().iteration(spans, seconds=50).table()
    kinds = set(table["kind"])
    known = [text for text in changes if text.split(":")[1] in kinds]
    recorded = replay_graph(table).baseline
    assert np.all(np.array(seconds(table, *known)) <= recorded + 1e-6)
    for nothing in ("scale:{}:1", "prune:{}:0", "overlap:{}:0", "parallelise:{}:1"):
        assert seconds(table, *(nothing.format(kind) for kind in kinds & {"phase", "job"})) == recorded.tolist()
