"""The pages on an empty home, on a store whose times are known by hand, and on one too small to estimate from."""

import shutil

import pytest
from known_store import iteration_spans, publish_spans
from shown_tables import cells_of, with_column

from tracker.dashboard import reads

HEADINGS = {
    "overview": "Overview",
    "loops": "Loops",
    "what_if": "What-if",
    "measured": "Measured",
    "plan": "Plan and forecasts",
    "toy_and_real": "Toy and real",
    "data": "Data",
}


def words(test):
    """Everything a reader sees as text; the backslashes that keep Markdown literal are not seen."""
    shown = [
        element.value for kind in ("markdown", "info", "warning", "error", "caption") for element in test.get(kind)
    ]
    return "\n".join([*map(str, shown), *cells_of(test)]).replace("\\", "")


def number(test):
    """The estimate that the what-if page shows large."""
    return test.metric[0].value


def test_an_empty_home_says_what_each_page_would_show_and_how_to_fill_it(place, app):
    """Without a snapshot every page has its heading, a sentence on what would be there, and the commands."""
    for page, heading in HEADINGS.items():
        test = app(page)
        assert [title.value for title in test.title] == [heading]
        assert "This page would" in words(test)
        assert "make run" in [code.value for code in test.code]
        assert any("python -m tracker refresh" in code.value for code in test.code)
        assert not test.exception


@pytest.mark.parametrize("parameters", [{}, {"snapshot": "gone"}, {"find": "no such name"}])
@pytest.mark.parametrize("store", ["place", "known"])
def test_a_page_that_ends_early_still_leads_to_the_others(store, parameters, app, request):
    """Empty, removed or nothing found: the links to all pages are there, with the URL's parameters."""
    request.getfixturevalue(store)
    links = app("loops", **parameters).get("page_link")
    assert [link.proto.label for link in links] == list(HEADINGS.values())
    assert all(f"{name}=" in link.proto.query_string for link in links for name in parameters)


def test_every_page_of_a_known_store_has_its_heading_and_names_the_scripted_researcher(known, app):
    """Scripted loops are never shown without saying that no human time is in them."""
    for page, heading in HEADINGS.items():
        test = app(page)
        assert [title.value for title in test.title] == [heading]
        if page == "measured":
            continue  # no iteration of this store says which arm of a tool it was in
        assert "scripted researcher: no human time" in words(test)
        assert not test.exception
        assert not test.error


def test_the_overview_shows_the_shares_that_follow_from_the_times(known, app):
    """Toy: 10 of 20 s think. Real: 60 of 80 s job, 10 of 80 s queue. Thirty iterations of each."""
    test = app("overview")
    shares = with_column(test, "what").set_index("what").map(lambda cell: cell.split(" %")[0])
    assert shares.loc["think", "toy models, n = 30"] == "50.0"
    assert shares.filter(like="real").iloc[:, 0].to_list() == ["12.5", "75.0", "12.5"]
    assert [metric.value for metric in test.metric] == ["30 iterations", "30 iterations"]


def test_the_overview_shows_the_ceilings_that_follow_from_the_times(known, app):
    """Real loops without their 60 s of job take 20 of 80 s, so 4x; without their 10 s of queue 70, so 1.14x."""
    table = with_column(app("overview"), "were this to take no time")
    ceilings = table.set_index("were this to take no time")["real models, n = 30"]
    assert ceilings["all jobs"].startswith("4.00x")
    assert ceilings["queue"].startswith("1.14x")


def test_choosing_a_study_leaves_the_other_out(known, app):
    """The toy study alone has one regime."""
    test = app("overview", study="toy-study")
    assert [metric.label for metric in test.metric] == ["Toy models"]


def test_moving_k_changes_the_number(known, app):
    """Jobs are 60 of 80 s: twice as fast leaves 50 s, three times as fast 40 s."""
    test = app("what_if", target="job", regime="real")
    assert number(test).startswith("1.60x")
    test.slider[0].set_value(3.0).run()
    assert number(test).startswith("2.00x")
    assert test.query_params["k"] == "3"


def test_a_link_restores_the_what_if(known, app):
    """Thinking ten times as fast makes 20 s into 11, whatever was looked at before."""
    test = app("what_if", target="phase:think", k="10", regime="toy", level="0.9")
    assert number(test).startswith("1.82x")
    assert "90 % interval" in words(test)
    assert "what-if" in words(test)


@pytest.mark.parametrize("parameters", [{"k": "-3"}, {"k": "fast"}, {"target": "job:gone"}, {"regime": "gone"}])
def test_a_link_with_a_wrong_value_falls_back_to_what_is_there(known, app, parameters):
    """What a URL asks for and the store does not have is left out, without an error."""
    test = app("what_if", **parameters)
    assert number(test).startswith("1.54x")  # 3,000 s against 30 x 15 s + 30 x 50 s
    assert not test.exception


def test_a_link_restores_the_chosen_iteration_with_its_parts_and_decision(known, app):
    """A real iteration thinks 10 s and waits 70 s, which is all of its 80 s."""
    test = app("loops", iteration="real-study-45", iteration_study="real-study")
    assert test.subheader[0].value == "variant 45"
    assert with_column(test, "part")["time"].to_list() == ["10.0 s", "1 min 10 s", "0 s", "0 s", "1 min 20 s"]
    decision = with_column(test, "choice").iloc[0]
    assert (decision["options"], decision["choice"], decision["clarity"]) == ("k=16, k=32", "k=32", "murky")


def test_the_list_is_filtered_by_study_and_text(known, app):
    """Thirty iterations are of the toy study, and one of them is called variant 7."""
    assert "30 iterations, newest first" in words(app("loops", study="toy-study"))
    test = app("loops", find="variant 7")
    assert list(test.dataframe[0].value["name"]) == ["variant 7"]


def test_too_few_iterations_show_a_reason_and_never_a_number(few, app):
    """Two iterations give no interval: every estimate reads as its reason and what would make it possible."""
    for page in ("overview", "what_if"):
        test = app(page)
        assert "2 finished iterations, at least 5 are needed; record 3 more" in words(test)
        assert not [metric for metric in test.metric if "x" in metric.value]


def test_the_headline_does_not_pass_over_a_regime_with_too_few_iterations(place, app):
    """Five toy iterations can be spoken of, two real ones cannot, and the sentence says both."""
    toy = [iteration_spans("toy-study", "toy", n, think=10 + n % 2, queue=0, job=10) for n in range(5)]
    real = [iteration_spans("real-study", "real", 40 + n, think=10, queue=0, job=60) for n in range(2)]
    publish_spans(place, [span for spans in toy + real for span in spans])
    headline = next(line for line in words(app("overview")).splitlines() if line.startswith("#### "))
    assert "on toy models 2." in headline
    assert "on real models it cannot be said yet (2 finished iterations" in headline


def test_a_removed_snapshot_is_said_in_words_with_a_way_to_the_latest(known, app):
    """A link to a snapshot that is gone offers the latest, and the button opens it."""
    test = app("overview", snapshot="20200101T000000Z-gone")
    assert "was removed" in words(test)
    test.button[0].click().run()
    assert test.query_params["snapshot"] == known.manifest.snapshot
    assert not test.warning[0].value.startswith("Snapshot")


def test_an_older_snapshot_in_a_link_stays_what_the_sender_saw(known, place, app):
    """After a refresh the link still opens its own snapshot, and says that there is a newer one."""
    publish_spans(place, iteration_spans("new-study", "toy", 1, think=1, queue=0, job=1))
    test = app("overview", snapshot=known.manifest.snapshot)
    assert [metric.value for metric in test.metric] == ["30 iterations", "30 iterations"]
    assert "There is a newer snapshot." in words(test)


def test_a_snapshot_whose_files_are_gone_gives_no_traceback(few, app):
    """When the Parquet files vanish under an open page, it says so and how to rebuild them."""
    for mart in ("iterations", "spans", "phase_totals"):
        few.path(mart).unlink()
    test = app("overview")
    assert "could not be read" in words(test)
    assert not test.exception


def test_the_recorded_sample_is_offered_and_opened_from_the_url(known, place, app, monkeypatch):
    """An empty home offers the sample; `store=sample` shows it and says that these loops are not the reader's."""
    sample = place.parent / "recorded_loops.csv"
    shutil.copyfile(place / "spans.csv", sample)
    shutil.rmtree(place)
    monkeypatch.setattr(reads, "sample_path", lambda: sample)
    assert "Look at the recorded sample" in [button.label for button in app("overview").button]
    test = app("what_if", store="sample", target="job", regime="real")
    assert number(test).startswith("1.60x")
    assert "Recorded sample" in words(test)


def test_names_with_markdown_and_html_stay_what_was_typed(place, app):
    """A study called like a link or a tag is shown as its characters."""
    name = "[a](http://b) <b>*c*</b>"
    publish_spans(place, iteration_spans(name, "toy", 1, think=1, queue=0, job=1))
    test = app("loops")
    assert name in words(test)
    assert any("\\[a\\]\\(http" in markdown.value for markdown in test.markdown)
