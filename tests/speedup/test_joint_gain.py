"""Several changes made together, divided by Shapley's value; and what to fix first."""

from itertools import permutations

import numpy as np
import pytest
from known_loops import Loops, job, phase

from tracker.speedup import NotEstimable, by_regime, fix_first, joint_gain, parse_change, replay_graph
from tracker.speedup.counterfactual.replaying import Replayer

CHANGES = ("scale:phase:read:2", "scale:job:3", "remove:phase:think", "cache:queue:0.5")


@pytest.fixture(scope="module")
def table():
    """Twelve loops: thinking, then a queued job beside reading, then deciding."""
    rng, loops = np.random.default_rng(0), Loops()
    for number in range(12):
        think, queue, train, read = rng.integers(5, 60, 4)
        spans = [phase("think", 0, think), job("train", think + queue, think + queue + train, queued=think)]
        spans.append(phase("read", think, think + read))
        end = think + max(queue + train, read)
        loops.iteration([*spans, phase("decide", end, end + 5)], regime="toy" if number < 6 else "real")
    return loops.table()


def saved(replayer, changes):
    """Seconds saved by replaying these changes together."""
    return (replayer.graph.baseline - replayer.seconds(tuple(map(parse_change, changes)))).sum()


def test_shares_are_the_mean_over_all_orders(table):
    """Brute force: 24 orders, each change credited with what it adds when its turn comes."""
    found, replayer = joint_gain(table, CHANGES), Replayer(replay_graph(table))
    credit = dict.fromkeys(CHANGES, 0.0)
    for order in permutations(CHANGES):
        for turn, change in enumerate(order):
            credit[change] += (saved(replayer, order[: turn + 1]) - saved(replayer, order[:turn])) / 24
    assert [share.saved_seconds for share in found.shares] == pytest.approx([credit[change] for change in CHANGES])
    assert "all 16 combinations" in found.method


def test_shares_add_up_to_the_joint_saving_and_savings_do_not(table):
    """Efficiency of Shapley's value; alone, the changes save another sum."""
    found = joint_gain(table, CHANGES)
    together = found.together
    assert sum(share.fraction for share in found.shares) == pytest.approx(1)
    assert found.saved_seconds == pytest.approx(together.baseline_seconds - together.changed_seconds)
    alone = sum(share.alone.baseline_seconds - share.alone.changed_seconds for share in found.shares)
    assert abs(alone - found.saved_seconds) > 0.02 * found.saved_seconds


def test_shares_do_not_depend_on_the_order_given(table):
    """Nor do their intervals."""
    one, other = joint_gain(table, CHANGES), joint_gain(table, CHANGES[::-1])
    by_change = {share.change: (share.fraction, share.interval) for share in one.shares}
    for share in other.shares:
        fraction, interval = by_change[share.change]
        assert (share.fraction, *share.interval) == pytest.approx((fraction, *interval))


def test_many_changes_are_averaged_over_random_orders():
    """Nine independent phases, for which the exact shares are their own savings."""
    loops = Loops()
    for factor in (1, 2, 3, 4, 5):
        loops.iteration([phase(f"p{k}", factor * sum(range(k)), factor * sum(range(k + 1))) for k in range(1, 10)])
    found = joint_gain(loops.table(), [f"scale:phase:p{k}:2" for k in range(1, 10)])
    assert [share.fraction for share in found.shares] == pytest.approx([k / 45 for k in range(1, 10)])
    assert "random orders" in found.method


def test_two_that_undo_each_other_have_nothing_to_divide(table):
    """One twice as fast, the other twice as slow."""
    assert isinstance(joint_gain(table, ["scale:phase:think:2", "scale:phase:think:0.5"]), NotEstimable)
    with pytest.raises(ValueError, match="changes holds 1, a joint gain needs at least 2"):
        joint_gain(table, ["scale:job:2"])


def test_what_to_fix_first_is_ranked_by_the_least_it_gives(table):
    """In the order of the lower bounds, which are those of the ceilings."""
    ranked = fix_first(table)
    least = [one.at_least for one in ranked]
    assert least == sorted(least, reverse=True)
    by_target = {one.target: one for one in ranked}
    ceiling = by_regime(table, "remove:phase:think")["mixed"]
    assert by_target["phase:think"].at_least == pytest.approx(1 - 1 / ceiling.interval[0])
    assert by_target["phase:think"].saved_fraction == pytest.approx(1 - 1 / ceiling.speedup)


def test_uncertain_target_stands_behind_a_sure_one():
    """A job that is long now and then saves more on the average, and less for certain, than steady thinking."""
    rng, loops = np.random.default_rng(1), Loops()
    for train in rng.permutation([500] * 5 + [1] * 15):  # long ones at even distances would make it certain
        think = 100 + rng.integers(0, 20)
        spans = [phase("think", 0, think), job("train", think, think + train)]
        loops.iteration([*spans, phase("rest", think + train, think + train + 50)])
    ranked = {one.target: place for place, one in enumerate(fix_first(loops.table()))}
    saved = {one.target: one.saved_fraction for one in fix_first(loops.table())}
    assert saved["job"] > saved["phase:think"]
    assert ranked["phase:think"] < ranked["job"]


def test_regime_can_be_asked_about(table):
    """Toy loops alone, as `by_regime` gives them."""
    (think,) = (one for one in fix_first(table, k=2, regime="toy") if one.target == "phase:think")
    assert think.result == by_regime(table, "scale:phase:think:2")["toy"]
    with pytest.raises(ValueError, match="regime == 'big' is in no iteration, must be one of toy, real, mixed"):
        fix_first(table, regime="big")
