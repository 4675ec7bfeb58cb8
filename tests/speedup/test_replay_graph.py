"""The replay graph, against wall-clocks worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_loops import Loops, job, one, phase, span, stage

from tracker.speedup import parse_change, replay_graph
from tracker.speedup.counterfactual.durations import changed_durations


def seconds_after(table, *changes):
    graph = replay_graph(table)
    return graph.replay(*changed_durations(graph, [parse_change(text) for text in changes])).tolist()


def test_sequence_saves_what_is_sped_up():
    """10 s of thinking, 30 s of training, 20 s of evaluation, one after the other."""
    table = one(phase("think", 0, 10), job("train", 10, 40), phase("evaluate", 40, 60))
    assert seconds_after(table, "scale:phase:think:2") == [55]
    assert seconds_after(table, "scale:job:3") == [40]
    assert seconds_after(table, "scale:phase:2", "remove:job") == [15]


def test_what_another_span_hides_saves_nothing():
    """A 20 s phase beside a 30 s job: the job alone decides when evaluation begins."""
    table = one(
        phase("launch", 0, 5), job("train", 5, 35), phase("read", 5, 25, after="launch"), phase("evaluate", 35, 45)
    )
    assert seconds_after(table, "remove:phase:read") == [45]
    assert seconds_after(table, "scale:job:2") == [35], "then the phase decides: 25 + 10"
    assert seconds_after(table, "scale:job:2", "remove:phase:read") == [30]


def test_job_submitted_inside_a_phase_starts_at_the_same_fraction_of_it():
    """A job enabled 10 s into a 100 s phase, queued 10 s, run 70 s; then a 5 s pause and 15 s of evaluation."""
    table = one(phase("think", 0, 100), job("train", 20, 90, queued=10), phase("evaluate", 105, 120))
    assert seconds_after(table, "scale:phase:think:10") == [81 + 5 + 15]
    assert seconds_after(table, "scale:phase:2") == [5 + 10 + 70 + 5 + 7.5]


def test_queue_is_frozen_unless_it_is_the_target():
    """30 s in the queue, 40 s running."""
    table = one(phase("launch", 0, 10), job("train", 40, 80, queued=10), phase("evaluate", 80, 100))
    assert seconds_after(table, "scale:job:2") == [80]
    assert seconds_after(table, "scale:queue:3") == [80]
    assert seconds_after(table, "remove:queue", "scale:job:2") == [50]


def test_pauses_between_spans_stay_as_they_were():
    """Pauses of 3 s, 7 s and 5 s before, between and after two phases."""
    table = one(phase("think", 3, 13), phase("decide", 20, 30), seconds=35)
    assert seconds_after(table, "remove:phase") == [15]


def test_parallel_jobs_wait_for_the_slowest():
    """Two jobs from one launch: 30 s and 50 s."""
    table = one(phase("launch", 0, 10), job("a", 10, 40), job("b", 10, 60), phase("evaluate", 60, 70))
    assert seconds_after(table, "remove:job:a") == [70]
    assert seconds_after(table, "remove:job:b") == [50]
    assert seconds_after(table, "scale:job:2") == [45]


def test_suspended_phase_goes_on_after_its_job():
    """The hook's layout: part of a phase, two jobs of the same thread, the rest of the phase."""
    table = one(
        phase("launch", 0, 10, id="first"),
        job("train", 10, 40),
        job("eval", 40, 60, after="train"),
        phase("launch", 60, 70, id="second"),
    )
    assert seconds_after(table, "scale:job:train:3") == [50]
    assert seconds_after(table, "remove:phase:launch") == [50]


def test_job_that_follows_a_job_unstated_keeps_its_distance_from_the_phase():
    """Without `after`, the second job waits for the phase alone, and the first job's 30 s are a fixed lag."""
    table = one(phase("launch", 0, 10), job("train", 10, 40), job("eval", 40, 60), phase("decide", 60, 70))
    assert seconds_after(table, "remove:job:train") == [70]


def test_stated_order_wins_over_the_inferred_one():
    """`-` says that evaluation waited for nothing, so it keeps its place from the iteration's start."""
    table = one(phase("think", 0, 10), phase("evaluate", 10, 20, after="-"))
    assert seconds_after(table, "remove:phase:think") == [20]


def test_stages_come_before_the_job():
    """(load x (1 - hit) + rest) / k = (20 x 0.25 + 40) / 2."""
    table = one(job("train", 0, 60), stage("train", "load", 0, 20), stage("train", "steady", 20, 50))
    assert seconds_after(table, "cache:stage:load:0.75", "scale:job:2") == [22.5]
    assert seconds_after(table, "remove:stage:other") == [50]


def test_overlapping_stages_shrink_only_where_all_of_them_do():
    """Loading 0-40 and training 20-60 share 20 s, which loading alone cannot save."""
    table = one(job("train", 0, 60), stage("train", "load", 0, 40), stage("train", "steady", 20, 60))
    assert seconds_after(table, "remove:stage:load") == [40]
    assert seconds_after(table, "scale:stage:load:4", "scale:stage:steady:2") == [5 + 10 + 10]


def test_nested_phase_hangs_on_a_fraction_of_the_outer_one():
    """A 10 s phase opened halfway through a 40 s phase, then 20 s more work."""
    table = one(phase("evaluate", 0, 40), phase("plot", 20, 30), phase("decide", 40, 60))
    assert seconds_after(table, "scale:phase:evaluate:4") == [5 + 10 + 20], "plotting now ends last"
    assert seconds_after(table, "remove:phase:plot") == [60]


def test_job_that_outlives_its_iteration_does_not_hold_it_up():
    """The iteration ends at 20 s; its job runs until 100 s."""
    table = one(phase("launch", 0, 10), job("train", 10, 100), phase("decide", 10, 20), seconds=20)
    assert seconds_after(table, "scale:phase:2") == [10]


def test_phases_of_two_people_are_two_sequences():
    """Each person's second phase waits for that person's first."""
    rows = [phase("think", 0, 10), phase("decide", 10, 20), phase("read", 0, 5), phase("advise", 5, 20)]
    table = one(*rows)
    table["person"] = ["p1", "p1", "p2", "p2"]
    assert seconds_after(table, "remove:phase:think") == [20]
    assert seconds_after(table, "remove:phase:think", "remove:phase:read") == [15]


def test_circle_in_after_is_an_error():
    """Two jobs that wait for each other."""
    with pytest.raises(ValueError, match="goes round in a circle"):
        replay_graph(one(job("a", 0, 10, after="b"), job("b", 0, 10, after="a")))


def test_all_iterations_are_replayed_at_once():
    """Two different iterations in one table answer as they do alone."""
    both = Loops().iteration([phase("think", 0, 10), job("train", 10, 40)])
    both.iteration([job("train", 0, 8, queued=0), phase("think", 8, 16)])
    assert seconds_after(both.table(), "scale:phase:think:2") == [35, 12]


@st.composite
def any_iteration(draw):
    """Phases and jobs anywhere, overlapping, nested, of no length, queued, before and after the iteration's edges."""
    instants = st.integers(-5, 60)
    rows = []
    for number in range(draw(st.integers(1, 8))):
        queued, start, end = sorted(draw(st.tuples(instants, instants, instants)))
        if draw(st.booleans()):
            rows.append(phase(draw(st.sampled_from(["think", "plot"])), start, end, id=f"s{number}"))
        else:
            rows.append(job("train", start, end, queued=queued, id=f"s{number}"))
    return rows


@settings(max_examples=300, deadline=None)
@given(st.lists(any_iteration(), min_size=1, max_size=4), st.booleans())
def test_unchanged_replay_gives_back_every_wall_clock(iterations, own_row):
    """Whatever the spans, a replay that changes nothing changes nothing."""
    loops = Loops()
    for spans in iterations:
        loops.iteration(spans, seconds=50 if own_row else None)
    graph = replay_graph(loops.table())
    np.testing.assert_allclose(graph.baseline, graph.iterations.seconds, rtol=0, atol=1e-6)


@settings(max_examples=200, deadline=None)
@given(any_iteration(), st.floats(1, 20))
def test_faster_spans_never_make_a_longer_loop(spans, k):
    """Speeding everything up helps, by no more than the factor itself, pauses aside."""
    table = Loops().iteration(spans).table()
    graph = replay_graph(table)
    changed = graph.replay(
        *changed_durations(graph, [parse_change(f"scale:phase:{k}"), parse_change(f"scale:job:{k}")])
    )
    assert np.all(changed <= graph.baseline + 1e-6)


def test_iteration_without_a_row_runs_from_its_first_span_to_its_last():
    """A decision 5 s after the last phase ends it."""
    assert seconds_after(one(phase("think", 2, 12), span("d", "decision", "keep", 17, 17)), "scale:phase:2") == [10]


def test_phase_that_waits_for_a_decision_moves_with_it():
    """A decision halfway through thinking, and reading that waited for it and 2 s more."""
    table = one(
        phase("think", 0, 20), span("d", "decision", "keep", 10, 10), phase("read", 12, 40, after="d"), seconds=40
    )
    assert seconds_after(table, "scale:phase:think:2") == [5 + 2 + 28]
