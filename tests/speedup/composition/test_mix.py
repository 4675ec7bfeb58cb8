"""The decomposition by hand, its identities, and mixes whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from tracker.speedup import NotEstimable, by_regime, mix, replay_graph, what_if
from tracker.speedup.composition.kitagawa import Weighted, decompose, decompose_by_category
from tracker.speedup.composition.parts import divide_loops
from tracker.speedup.truth import NAMED_SETTINGS, generate_loops

MIXED = replace(NAMED_SETTINGS["mixed"], real_fraction_first=0.5, real_fraction_last=0.5)


def test_kitagawa_by_hand():
    """Two categories: (0.8, 0.2) of rates (10, 100) against (0.5, 0.5) of rates (12, 80)."""
    effects = decompose(
        Weighted(np.array([0.8, 0.2]), np.array([10.0, 100.0])), Weighted(np.array([0.5, 0.5]), np.array([12.0, 80.0]))
    )
    first = [0.8 * 2 + 0.2 * -20, -0.3 * 10 + 0.3 * 100, -0.3 * 2 + 0.3 * -20]
    second = [0.5 * 2 + 0.5 * -20, -0.3 * 12 + 0.3 * 80, 0.3 * 2 + 0.3 * 20]
    symmetric = [0.65 * 2 + 0.35 * -20, -0.3 * 11 + 0.3 * 90, 0.0]
    assert effects == pytest.approx(np.array([first, second, symmetric]))
    assert effects.sum(axis=1) == pytest.approx([46 - 28] * 3, abs=1e-9)


def test_decomposition_adds_up_for_any_numbers():
    """A thousand random pairs of groups, with categories that only one of them has."""
    rng = np.random.default_rng(0)
    weights = rng.uniform(0, 1, (2, 1000, 6)) * (rng.random((2, 1000, 6)) < 0.8)
    rates = np.where(weights > 0, rng.normal(0, 10, (2, 1000, 6)), np.nan)
    first, second = Weighted(weights[0], rates[0]), Weighted(weights[1], rates[1])
    gap = np.abs(decompose(first, second).sum(axis=-1) - (second.value - first.value)[:, None])
    assert gap.max() < 1e-9


def test_a_category_that_one_group_lacks_is_all_mix():
    split = decompose_by_category(
        Weighted(np.array([1.0, 0.0]), np.array([5.0, np.nan])), Weighted(np.array([1.0, 2.0]), np.array([5.0, 7.0]))
    )
    assert split[:, 0].sum() == 0, "within"
    assert split[:, 1, 1] == pytest.approx([14, 14, 14])


def test_parts_of_a_loop_add_up_to_its_elapsed_seconds():
    """Also where a person writes while jobs run."""
    graph = replay_graph(generate_loops("overlapped", n=30, rng=0).table())
    parts = divide_loops(graph)
    assert parts.seconds.sum(axis=1) == pytest.approx(graph.iterations.seconds)
    assert (parts.seconds >= 0).all()


def test_parts_by_hand():
    """10 s think, 5 s queue, a job of 20 s during which the person writes for 8 s, 2 s of nothing."""
    table = {
        "iteration": ["i"] * 4,
        "span": ["0", "1", "2", "3"],
        "kind": ["iteration", "phase", "job", "phase"],
        "name": ["loop", "think", "train", "write"],
        "enabled_at": [0, 0, 10, 20],
        "started_at": [0, 0, 15, 20],
        "ended_at": [37, 10, 35, 28],
    }
    table |= {name: [1_000_000 * at for at in table[name]] for name in table if name.endswith("_at")}
    parts = divide_loops(replay_graph(table))
    assert dict(zip(parts.names, parts.seconds[0], strict=True)) == pytest.approx(
        {"phase:think": 10, "phase:write": 8, "job:train": 12, "queue": 5, "unattributed": 2}
    )


def test_faster_jobs_gain_more_where_jobs_take_more_of_the_loop():
    """The same k in both regimes: within is 0 by construction, the whole gap is mix."""
    table = generate_loops(MIXED, n=60, rng=0).table()
    gap = mix(table, changes="scale:job:2").gap
    symmetric = gap.by_reference[2]
    assert symmetric.within.value == pytest.approx(0, abs=1e-9)
    assert symmetric.mix.value == pytest.approx(gap.difference.value, abs=1e-9)
    assert (gap.first, gap.second) == ("toy", "real")


def test_group_speedups_are_those_of_the_what_if():
    """The same question by another route."""
    table = generate_loops(MIXED, n=60, divisors={"job": 2.0}, rng=0).table()
    found = mix(table, changes="scale:job:2")
    pooled = what_if(table, "scale:job:2").speedup
    shares = [share for _, share in found.uplift.old_shares]
    assert sum(shares) == pytest.approx(1)
    assert found.uplift.value.value == pytest.approx(pooled, rel=0.02)
    toy, real = found.groups
    assert found.curve[0].speedup == pytest.approx(toy.speedup)
    assert found.curve[-1].speedup == pytest.approx(real.speedup)


def test_the_curve_is_the_harmonic_mean():
    """A loop's worth of work at S1 and one at S2: seconds before / seconds after."""
    found = mix(generate_loops(MIXED, n=60, rng=0).table(), changes=["scale:phase:think:3", "scale:queue:2"])
    toy, real = (group.speedup for group in found.groups)
    for point in found.curve:
        assert point.speedup == pytest.approx(1 / ((1 - point.fraction) / toy + point.fraction / real))


def test_old_and_new_mix_by_hand():
    """From the potential outcomes: mean seconds of each regime in each arm, weighted by either arm's loops."""
    loops = generate_loops("mix_shift", n=200, speedup=1.5, design="before_after", rng=4)
    found = mix(loops.table())
    seconds, real, changed = loops.seconds[0], loops.regime[0] == 1, loops.changed[0]
    mean = {(r, c): seconds[(real == r) & (changed == c)].mean() for r in (0, 1) for c in (0, 1)}
    for uplift, side in ((found.uplift.old_mix, 0), (found.uplift.new_mix, 1)):
        shares = np.array([(real[changed == side] == r).mean() for r in (0, 1)])
        above, below = (shares @ [mean[0, arm], mean[1, arm]] for arm in (0, 1))
        assert uplift.value == pytest.approx(above / below)
    assert found.uplift.unadjusted == pytest.approx(seconds[~changed].mean() / seconds[changed].mean())


def test_a_shift_of_mix_does_not_pass_for_a_slowdown():
    """Real work trebles while the tool is worth 1.5x: unadjusted it looks like a loss, adjusted it does not."""
    loops = generate_loops("mix_shift", n=2000, speedup=1.5, design="before_after", rng=4)
    found = mix(loops.table())
    assert found.uplift.unadjusted < 1
    assert found.uplift.value.value == pytest.approx(1.5, rel=0.08)
    assert found.shift.by_reference[2].mix.value > 0 > found.shift.by_reference[2].within.value


def test_the_value_lies_between_old_and_new_mix():
    for seed in range(5):
        table = generate_loops("mix_shift", n=80, divisors={"job": 4.0}, design="before_after", rng=seed).table()
        uplift = mix(table).uplift
        ends = sorted([uplift.old_mix.value, uplift.new_mix.value])
        assert ends[0] <= uplift.value.value <= ends[1]
        assert uplift.is_ordered == (uplift.old_mix.value <= uplift.new_mix.value)


def test_without_a_change_the_seconds_of_a_loop_are_decomposed():
    """Both groups have each part once, so nothing is mix and everything within."""
    found = mix(generate_loops(MIXED, n=60, rng=0).table())
    assert found.gap.unit == "seconds"
    symmetric = found.gap.by_reference[2]
    assert symmetric.within.value == pytest.approx(found.gap.difference.value)
    assert symmetric.mix.value == pytest.approx(0, abs=1e-9 * found.gap.second_value)
    assert isinstance(found.curve, NotEstimable)
    assert isinstance(found.uplift, NotEstimable)


def test_references_that_disagree_in_sign_are_flagged():
    """By hand: with the first group's rates the mix shortens loops, with the second's it lengthens them."""
    rows = [("a", "baseline", 10, 8), ("b", "baseline", 20, 2), ("a", "changed", 40, 2), ("b", "changed", 30, 8)]
    loops = [(group, arm, seconds) for group, arm, seconds, times in rows for _ in range(max(times, 5))]
    table = {
        "iteration": [str(i) for i in range(len(loops))],
        "study": [group for group, _, _ in loops],
        "span": [str(i) for i in range(len(loops))],
        "kind": ["phase"] * len(loops),
        "name": ["think"] * len(loops),
        "started_at": [i * 10**9 for i in range(len(loops))],
        "ended_at": [i * 10**9 + seconds * 10**6 for i, (_, _, seconds) in enumerate(loops)],
        "tool.t": [arm for _, arm, _ in loops],
    }
    shift = mix(table, by="study").shift
    assert shift.difference.value == pytest.approx((5 * 40 + 8 * 30) / 13 - (8 * 10 + 5 * 20) / 13)
    (sentence,) = shift.sign_disagreements
    assert sentence.startswith("mix: +")


def test_a_part_that_only_the_change_brings_is_counted_with_the_rest():
    """A warm-up phase that the tool needs has no baseline seconds to save from; the speedup still counts it."""
    loops = generate_loops(MIXED, n=60, speedup=1.2, design="alternating", rng=0).table().to_pydict()
    arms = loops["tool.tool"]
    loops["name"] = [
        "warm-up" if name == "launch" and arm == "changed" else name
        for name, arm in zip(loops["name"], arms, strict=True)
    ]
    found = mix(loops)
    assert any("phase:warm-up occurs only with the change" in caution for caution in found.cautions)
    assert all(category.name != "phase:warm-up" for category in found.gap.categories)


@pytest.mark.parametrize("cluster", [None, "person"])
def test_intervals_cover_the_truth(cluster):
    """Old and new mix and either regime at a true 1.3; of 50 studies, fewer than 42 would happen once in 1,000."""
    settings = replace(NAMED_SETTINGS["many_people"], real_fraction_first=0.4, real_fraction_last=0.6)
    loops = generate_loops(settings, n=96, repetitions=50, speedup=1.3, design="blocked", rng=8)
    hits = []
    for repetition in range(loops.repetitions):
        found = mix(loops.table(repetition), cluster=cluster)
        figures = [found.uplift.old_mix.interval, found.uplift.new_mix.interval, *(g.interval for g in found.groups)]
        hits.append([low <= 1.3 <= high for low, high in figures])
    assert (np.mean(hits, axis=0) > 0.83).all()
    assert 0.89 <= np.mean(hits) < 1


@pytest.mark.parametrize("changes", ["overlap:phase:write", "parallelise:job:train:3", "prune:job:train:0.5"])
def test_every_verb_has_parts_that_add_up(changes):
    """Also those that move spans or leave some out: the groups' speedups are the what-if's."""
    table = generate_loops(replace(MIXED, overlapped=True, jobs=3), n=40, rng=2).table()
    found = mix(table, changes=changes)
    for group in found.groups:
        assert group.speedup == pytest.approx(by_regime(table, changes, draws=100)[group.group].speedup, rel=1e-6)


def test_one_regime_has_no_gap():
    result = mix(generate_loops("independent", n=20, rng=0).table())
    assert isinstance(result, NotEstimable)
    assert "another regime" in result.remedy


def test_a_regime_with_one_arm_has_no_speedup():
    loops = generate_loops(MIXED, n=60, speedup=1.2, design="alternating", rng=0)
    table = loops.table().to_pydict()
    table["tool.tool"] = [
        "baseline" if regime == "real" else arm for regime, arm in zip(table["regime"], table["tool.tool"], strict=True)
    ]
    found = mix(table)
    assert isinstance(found.gap, NotEstimable)
    assert "'real' in the changed arm" in found.gap.reason


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"by": "phase"}, "must be one of regime, study"),
        ({"by": "person"}, "must be one of regime, study"),
        ({"level": 95}, "did you mean 0.95"),
        ({"tool": "cache"}, "has no column"),
        ({"tool": "tool", "changes": "scale:job:2"}, "not both"),
        ({"between": ("toy", "toy")}, "must be two of toy, real"),
        ({"cluster": "tool"}, "must be None, 'person' or 'study'"),
    ],
)
def test_what_is_not_allowed_is_said(arguments, message):
    table = generate_loops(MIXED, n=20, speedup=1.2, design="alternating", rng=0).table()
    with pytest.raises(ValueError, match=message):
        mix(table, **arguments)
