"""Plans, the mix, several changes, scenarios, and what the record holds, on a store whose times are known by hand."""

import pytest
from known_store import iteration_spans, publish_spans
from shown_tables import with_column
from test_pages import number, words

from tracker.reporting.catalogue import fitting, read_catalogue, read_saved, save_scenario


def test_two_changes_are_replayed_together(known, app):
    """Real: 10 s think, 10 s queue, 60 s job. Jobs twice as fast and no queue leave 40 of 80 s."""
    test = app("what_if", target="job", regime="real", verb2="remove", target2="queue")
    assert number(test).startswith("2.00x")


def test_a_scenario_in_the_url_is_asked_as_it_stands(known, app):
    """Thinking twice as fast and jobs three times: 5 + 10 + 20 = 35 of 80 s."""
    test = app("what_if", changes="scale:phase:think:2 and scale:job:3", regime="real")
    assert number(test).startswith("2.29x")


@pytest.mark.parametrize("given", ["nonsense", "scale:job", "scale:job:gone:2"])
def test_a_scenario_that_is_none_is_left_out(known, app, given):
    """What the URL gives and the loops do not have falls back to the controls."""
    test = app("what_if", changes=given, target="job", regime="real")
    assert number(test).startswith("1.60x")
    assert not test.exception


def test_the_plan_follows_from_the_question_of_the_what_if(known, app):
    """The changes of the link are what is forecast, and the commands name the tool and the changes."""
    test = app("plan", target="job", k="3", planned="faster")
    code = "\n".join(block.value for block in test.code)
    assert "--tool faster" in code
    assert "--change scale:job:3" in code
    assert not test.exception


def test_the_mix_is_taken_apart_with_the_claims_beside_it(known, app):
    """Jobs twice as fast: 20 to 15 s on toy loops (1.33x), 80 to 50 s on real ones (1.60x)."""
    test = app("toy_and_real", target="job")
    speedups = with_column(test, "evidence").set_index("of")["speedup"].str[:5].to_dict()
    assert speedups == {"toy models": "1.33x", "real models": "1.60x"}
    claims = list(with_column(test, "claimed")["claimed"])
    assert claims == ["3-5x on toy models", "1.5-2x on real models"]


def test_the_data_page_counts_what_was_recorded_and_says_what_never_is(known, app):
    """Thirty iterations of each study, all of a program; command lines are never recorded."""
    test = app("data")
    table = with_column(test, "iterations")
    assert list(table["iterations"]) == ["30", "30"]
    assert set(table["by"]) == {"a program"}
    assert "command lines" in words(test)


def test_sceptic_mode_is_kept_in_the_url_and_answers_under_every_page(known, app):
    """Fifteen questions stand under the page where the link asks for them, and not where it does not."""
    assert "What a sceptic asks" not in [each.value for each in app("loops").subheader]
    test = app("loops", sceptic="1")
    assert len(with_column(test, "question")) == 15


def test_the_catalogue_is_made_of_changes_that_can_be_asked(place):
    """Every entry that comes with the software parses, and fits loops that have its targets."""
    from tracker.dashboard.reads import DATA

    catalogue = read_catalogue(DATA)
    assert len(catalogue) > 10
    assert {one.name for one in fitting(catalogue, ["job"])} >= {"Sweeps side by side", "Stop losers early"}
    assert fitting(catalogue, []) == ()


def test_a_saved_scenario_is_found_again_and_the_owners_alone(tmp_path):
    """Saved under a name; the same name again replaces it."""
    save_scenario(tmp_path, "mine", ["scale:job:2"])
    save_scenario(tmp_path, " mine ", ["scale:job:3", "remove:queue"])
    assert [(one.name, one.changes) for one in read_saved(tmp_path)] == [("mine", ("scale:job:3", "remove:queue"))]
    assert (tmp_path / "scenarios.json").stat().st_mode & 0o777 == 0o600


def test_the_longest_waits_of_the_week_are_listed(place, app):
    """One iteration waited 70 s, another 30 s; both within seven days."""
    spans = iteration_spans("s", "toy", 1, think=10, queue=10, job=60) + iteration_spans(
        "s", "toy", 2, think=10, queue=0, job=30
    )
    publish_spans(place, spans)
    waits = with_column(app("loops"), "waited")
    assert list(waits["waited"]) == ["1 min", "30.0 s", "10.0 s"]
