"""Questions that are answered before they are asked."""

import pytest

from tracker.dashboard import ahead, estimates
from tracker.dashboard.asking import Asked
from tracker.speedup.counterfactual.questions import by_regime


def test_beside_a_scaling_stand_one_step_more_and_one_step_less():
    """The other changes hold; a step is a quarter."""
    asked = Asked(("scale:job:2", "remove:queue"), "job", 2.0)
    assert [(each.changes[0], each.k) for each in ahead.beside(asked)] == [
        ("scale:job:2.25", 2.25),
        ("scale:job:1.75", 1.75),
    ]
    assert {each.others for each in ahead.beside(asked)} == {("remove:queue",)}
    assert all(each.is_scaling for each in ahead.beside(asked))


@pytest.mark.parametrize(("k", "beside"), [(1.0, 1.25), (20.0, 19.75)])
def test_the_slider_ends_where_it_ends(k, beside):
    """Nothing is asked below 1 or above 20."""
    asked = Asked((f"scale:job:{k:g}",), "job", k)
    assert ahead.beside(asked) == [Asked((f"scale:job:{beside:g}",), "job", beside)]


def test_only_a_scaling_has_steps():
    """A removal has no number to move."""
    assert ahead.beside(Asked(("remove:job",), "job", 2.0)) == []


def test_a_step_of_the_slider_is_answered_when_it_is_taken(known, app, monkeypatch):
    """Of as many iterations as are worth it, the page leaves both neighbours answered."""
    monkeypatch.setattr(ahead, "WORTH_WARMING", 1)
    keeper = ahead.Ahead()
    monkeypatch.setattr(ahead, "_ahead", lambda: keeper)
    answered = []
    what_ifs = estimates.what_ifs
    monkeypatch.setattr(estimates, "what_ifs", lambda *asked: answered.append(asked[2]) or what_ifs(*asked))
    assert not app("what_if", target="job").exception
    keeper._pool.shutdown(wait=True)
    assert {("scale:job:2.25",), ("scale:job:1.75",)} <= set(answered)


def test_a_question_is_replayed_once_whatever_regime_is_shown(known, monkeypatch):
    """Mixed is shown large, toy and real stand in a table below it, and each is what the public call gives."""
    replayed = []
    answered_of = estimates.answered_of
    monkeypatch.setattr(estimates, "answered_of", lambda *asked: replayed.append(asked[1]) or answered_of(*asked))
    changes = ("scale:job:3",)
    shown = estimates.what_if(known, None, changes, 0.95, "mixed")
    beside = estimates.what_ifs(known, None, changes, 0.95, "mixed")
    assert replayed == [changes]
    alone = by_regime(estimates.graph_of(known, None), changes, rng=estimates.SEED)
    assert {name: (each.speedup, each.interval) for name, each in beside.items()} == {
        name: (each.speedup, each.interval) for name, each in alone.items()
    }
    assert shown == beside["mixed"]
