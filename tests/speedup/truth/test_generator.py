"""The generator of known truth against formulas, a second simulation and its own promises."""

import heapq
from dataclasses import replace

import numpy as np
import pytest

from tracker.speedup import read_spans, replay_graph, scale, what_if
from tracker.speedup.truth import NAMED_SETTINGS, GeneratorSettings, generate_loops, population_speedup
from tracker.speedup.truth.durations import autoregressive
from tracker.speedup.truth.settings import PHASES
from tracker.speedup.truth.working_hours import DAY, instant_of, next_working_instant, worked_until

HOUR = 3600.0
BARE = GeneratorSettings(state_spread=0.0, part_spread=0.0)


PROPORTIONAL = [name for name, one in NAMED_SETTINGS.items() if not (one.weekends or one.paced)]


@pytest.mark.parametrize("name", PROPORTIONAL)
def test_the_true_speedup_is_the_one_asked_for(name):
    """All at baseline against all changed, same draw; working hours and pauses alone break the proportion."""
    loops = generate_loops(name, n=48, repetitions=3, speedup=1.3, rng=1)
    assert loops.oracle_speedup("geometric_mean") == pytest.approx(1.3)
    assert loops.oracle_speedup("total") == pytest.approx(1.3)


@pytest.mark.parametrize("name", NAMED_SETTINGS)
def test_negative_control_changes_nothing(name):
    loops = generate_loops(name, n=48, repetitions=3, design="randomised", rng=1)
    assert loops.speedup == 1.0
    assert (loops.baseline_seconds == loops.changed_seconds).all()
    assert (loops.seconds == loops.baseline_seconds).all()


def test_an_overlapped_loop_waits_for_whatever_takes_longest():
    """Elapsed seconds written as the formula for the critical path."""
    loops = generate_loops("overlapped", n=50, repetitions=2, rng=3)
    phase, queue = loops.durations.phase, loops.durations.queue
    jobs = (queue + loops.durations.stage.sum(axis=-1)).max(axis=-1)
    write = phase[..., PHASES.index("write")]
    expected = phase.sum(axis=-1) - write + np.maximum(write, jobs)
    assert loops.seconds == pytest.approx(expected)
    assert ((write > jobs).any(), (write < jobs).any()) == (True, True), "the critical path switches"


def test_a_what_if_on_exact_records_equals_the_oracle():
    """The structure is in `after`, and the shocks are the same, so nothing is left but microseconds."""
    divisors = {"stage:load": 4.0, "job": 1.5, "phase:think": 2.0}
    loops = generate_loops("overlapped", n=30, divisors=divisors, rng=4)
    answer = what_if(loops.table(), [scale(target, k) for target, k in divisors.items()])
    assert answer.speedup == pytest.approx(loops.oracle_speedup()[0], rel=1e-6)


def test_states_have_the_autocorrelation_they_are_named_for():
    person = np.repeat([0, 1], 100)
    states = autoregressive(np.random.default_rng(0), 500, person, 0.6)
    assert states.std() == pytest.approx(1, abs=0.02)
    assert np.mean(states[:, 1:100] * states[:, :99]) == pytest.approx(0.6, abs=0.02)
    assert np.mean(states[:, 100] * states[:, 99]) == pytest.approx(0, abs=0.1), "another person starts afresh"


def test_parts_follow_the_loop_before_where_that_is_asked_for():
    """Then the share of a part in its loop does, too; with the state alone it does not."""
    for name, expected in (("autocorrelated_06", 0.0), ("parts_autocorrelated_06", 0.6)):
        loops = generate_loops(name, n=200, repetitions=50, rng=2)
        share = np.log(loops.durations.phase[..., 0] / loops.durations.phase[..., 1])
        found = np.corrcoef(share[:, 1:].ravel(), share[:, :-1].ravel())[0, 1]
        assert found == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("name", ["queue", "weekends"])
def test_who_is_paced_begins_no_loop_before_it_began_at_baseline(name):
    """Everybody else begins at once, so the last loop begins earlier with the change."""
    for settings, is_paced in ((name, False), (f"{name}_paced", True)):
        arms = [generate_loops(settings, n=60, speedup=2.0, design=design, rng=3) for design in (None, "before_after")]
        began = [loops.timetable.started[0] for loops in arms]
        assert bool((began[1] >= began[0] - 1e-6).all()) is is_paced


def test_the_heavy_tail_has_its_index():
    """Log of a Pareto factor is exponential with mean 1 / index."""
    loops = generate_loops(replace(BARE, tail_index=3.0), n=100, repetitions=100, rng=0)
    excess = np.log(loops.seconds / loops.seconds.min())
    assert excess.mean() == pytest.approx(1 / 3, rel=0.05)


def test_effects_that_differ_keep_their_geometric_mean():
    """Total and geometric mean then differ by exp(spread^2 / 2) in each log-normal factor: the total is smaller."""
    settings = replace(NAMED_SETTINGS["independent"], effect_spread=0.5)
    mean, error = population_speedup(settings, speedup=1.4, estimand="geometric_mean")
    total, total_error = population_speedup(settings, speedup=1.4, estimand="total")
    assert abs(np.log(mean / 1.4)) < 4 * error
    assert abs(np.log(total / (1.4 * np.exp(-(0.5**2) / 2)))) < 4 * total_error


def test_shared_machines_serve_first_come_first_served():
    """Against a second simulation, written with a heap of events."""
    loops = generate_loops("queue", n=60, rng=5)
    phase, run = loops.durations.phase[0], loops.durations.stage[0].sum(axis=-1)[:, 0]
    before, after = phase[:, :3].sum(axis=1), phase[:, 4:].sum(axis=1)
    events, free, starts = [], [0.0] * loops.settings.machines, {}
    for person in range(loops.settings.people):
        heapq.heappush(events, (before[10 * person], 10 * person))
    while events:
        submitted, loop = heapq.heappop(events)
        starts[loop] = max(submitted, heapq.heappop(free))
        heapq.heappush(free, starts[loop] + run[loop])
        if loop % 10 < 9:
            heapq.heappush(events, (starts[loop] + run[loop] + after[loop] + before[loop + 1], loop + 1))
    assert loops.timetable.job_start[0, :, 0] == pytest.approx([starts[loop] for loop in range(60)])
    assert (loops.timetable.job_start[0, :, 0] > loops.timetable.submitted[0]).any(), "somebody waited"


def test_faster_jobs_shorten_everybodys_queue():
    """With shared machines the true gain exceeds what frozen waits would give."""
    loops = generate_loops("queue", n=60, repetitions=20, divisors={"job": 2.0}, rng=6)
    frozen = loops.baseline_seconds - loops.durations.stage.sum(axis=(-1, -2)) / 2
    assert (loops.oracle_speedup() > loops.baseline_seconds.sum(axis=1) / frozen.sum(axis=1)).mean() > 0.9


def test_working_hours_translate_back_and_forth():
    """By hand: from Friday 16:00, two hours of work end on Monday at 10:00."""
    friday = 4 * DAY + 16 * HOUR
    assert instant_of(worked_until(np.array([friday])) + 2 * HOUR) == [7 * DAY + 10 * HOUR]
    assert next_working_instant(np.array([5 * DAY, 3 * DAY + 8 * HOUR, 3 * DAY + 18 * HOUR])).tolist() == [
        7 * DAY + 9 * HOUR,
        3 * DAY + 9 * HOUR,
        4 * DAY + 9 * HOUR,
    ]
    instants = next_working_instant(np.random.default_rng(0).uniform(0, 30 * DAY, 1000))
    assert worked_until(instant_of(worked_until(instants) + 7.0)) == pytest.approx(worked_until(instants) + 7.0)


def test_nobody_begins_a_phase_out_of_hours():
    loops = generate_loops("weekends", n=40, repetitions=5, rng=0)
    start = loops.timetable.phase_start
    day, hour = start % (7 * DAY) // DAY, start % DAY / HOUR
    assert (day < 5).all()
    assert ((hour >= 9) & (hour < 17)).all()
    # The mix of toy and real takes more than a working day often enough to cross nights.
    assert (loops.timetable.phase_end // DAY > start // DAY).any()


def test_independent_censoring_knows_nothing_of_the_loop():
    """P(finished | length) is exp(-rate x length), and 30 % are unfinished."""
    loops = generate_loops("unfinished_independent", n=200, repetitions=200, rng=0)
    assert 1 - loops.finished.mean() == pytest.approx(0.3, abs=0.01)
    length = loops.seconds.ravel()
    rate = -np.log(loops.finished.mean(where=loops.seconds < np.median(length)))
    short, long = length[length < np.median(length)].mean(), length[length >= np.median(length)].mean()
    other = -np.log(loops.finished.mean(where=loops.seconds >= np.median(length)))
    assert other / rate == pytest.approx(long / short, rel=0.1)


def test_informative_censoring_kills_the_long_ones():
    loops = generate_loops("unfinished_informative", n=200, repetitions=50, rng=0)
    assert 1 - loops.finished.mean() == pytest.approx(0.3, abs=0.01)
    rank = loops.seconds.argsort(axis=1).argsort(axis=1)
    assert (~loops.finished)[rank >= 150].mean() > 2 * (~loops.finished)[rank < 50].mean()


def test_dropping_unfinished_loops_would_mislead():
    """What is seen of the finished ones is shorter than the loops are: the bias an estimator has to remove."""
    loops = generate_loops("unfinished_independent", n=200, repetitions=50, rng=0)
    assert np.log(loops.seconds[loops.finished]).mean() < np.log(loops.seconds).mean() - 0.05


def test_learning_and_mix_move_with_time():
    learned = generate_loops(replace(BARE, learning=0.5), n=21, rng=0).seconds[0]
    assert np.log(learned[0] / learned[-1]) == pytest.approx(0.5)
    mixed = generate_loops("mix_shift", n=40, repetitions=400, rng=0).regime
    assert mixed[:, :2].mean() == pytest.approx(0.1, abs=0.05)
    assert mixed[:, -2:].mean() == pytest.approx(0.7, abs=0.05)


def test_blocks_of_four_hold_both_arms_twice():
    changed = generate_loops("few_people", n=80, repetitions=30, design="blocked", rng=0).changed
    blocks = changed.reshape(30, 20, 4)
    assert (blocks.sum(axis=2) == 2).all()
    assert (blocks[..., 0] == blocks[..., 3]).all(), "ABBA or BAAB"
    assert blocks[..., 0].mean() == pytest.approx(0.5, abs=0.1)


def test_forecasts_know_nothing_of_the_arm():
    loops = generate_loops("independent", n=100, repetitions=100, speedup=2.0, design="randomised", rng=0)
    error = np.log(loops.forecast_seconds / loops.baseline_seconds)
    assert error[loops.changed].mean() == pytest.approx(error[~loops.changed].mean(), abs=0.05)
    assert error.std() == pytest.approx(loops.settings.forecast_spread, rel=0.05)


@pytest.mark.parametrize("name", NAMED_SETTINGS)
def test_the_spans_table_says_what_was_seen(name):
    """Elapsed seconds, statuses and arms come back from the exchange format; the replay fits to the microsecond."""
    loops = generate_loops(name, n=24, repetitions=2, speedup=1.3, design="alternating", rng=2)
    table, arms = loops.table(1), loops.arms(1).to_pydict()
    graph = replay_graph(table)
    assert graph.n == loops.finished[1].sum()
    assert graph.errors.max() < 1e-6
    wanted = dict(zip(arms["iteration"], arms["elapsed_seconds"], strict=True))
    ids = [read_spans(table).iteration_ids[i] for i in graph.iterations.index]
    assert graph.iterations.seconds == pytest.approx([wanted[one] for one in ids], abs=1e-5)
    assert set(table.column("tool.tool").to_pylist()) == {"baseline", "changed"}


def test_all_repetitions_make_one_table_of_studies():
    loops = generate_loops("independent", n=10, repetitions=3, rng=2)
    assert read_spans(loops.table(None)).studies == ("r0", "r1", "r2")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"settings": "dependent"}, "must be one of independent, autocorrelated_03"),
        ({"speedup": 0.0}, "must be above 0"),
        ({"divisors": {"phase:tea": 2.0}}, "divisors names 'phase:tea'"),
        ({"divisors": {"job": -1.0}}, "must be above 0"),
        ({"design": "wished"}, "must be one of randomised"),
        ({"n": 0}, "must be at least 1 and 1"),
    ],
)
def test_what_is_not_allowed_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        generate_loops(**{"rng": 0, **arguments})


def test_a_tail_without_a_variance_is_refused():
    with pytest.raises(ValueError, match="must be above 2"):
        GeneratorSettings(tail_index=1.5)
