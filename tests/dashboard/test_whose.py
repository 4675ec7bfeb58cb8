"""Several people's loops in one store: one's own come first, the team's from five people on, and nobody is named."""

import io
import zipfile

import pyarrow.parquet as pq
import pytest
from known_store import iteration_spans, publish_spans
from test_pages import HEADINGS, words

from tracker.cli import main

ME = "p-me"


def of(person, study, number, job):
    """One toy iteration of a person, called by a name that only that person would give."""
    own = iteration_spans(study, "toy", number, think=10, queue=0, job=job)
    named = f"secret of {person} {number}"
    return [{**span, "person": person, "name": named if span["kind"] == "iteration" else span["name"]} for span in own]


@pytest.fixture
def store(place):
    """Publishes six loops of 60 s job of mine, and six of 10 s of each of so many others, in one study."""

    def publish(others, mine=6, study="s"):
        place.mkdir(exist_ok=True)
        (place / "person").write_text(f"{ME}\n")
        people = [(ME, 60, mine), *((f"p-other{at}", 10, 6) for at in range(others))]
        spans = []
        for at, (person, job, n) in enumerate(people):
            spans += [span for number in range(n) for span in of(person, study, 10 * at + number, job)]
        return publish_spans(place, spans)

    return publish


def counted(test):
    """What the overview counts, and whether the box that chooses is there."""
    boxes = [box.value for box in test.selectbox if box.label == "Whose loops"]
    return [metric.value for metric in test.metric], boxes


def test_a_store_of_ones_own_has_nothing_to_choose(store, app):
    """One person: all of it, and no box."""
    store(others=0)
    assert counted(app()) == (["6 iterations"], [])


def test_own_loops_come_first_and_the_team_is_one_choice_away(store, app):
    """Six people: six loops of mine on the first page, thirty-six of the team where the link asks for them."""
    store(others=5)
    test = app()
    assert counted(test) == (["6 iterations"], ["mine"])
    next(box for box in test.selectbox if box.label == "Whose loops").set_value("team").run()
    assert counted(test) == (["36 iterations"], ["team"])
    assert test.query_params["who"] == ["team"] or test.query_params["who"] == "team"
    assert "groups of at least 5 people" in words(test)


def test_the_teams_view_names_nobody_and_shows_nothing_that_somebody_typed(store, app):
    """On every page, sceptic mode on: no pseudonym, no name of an iteration, no choice, no reason."""
    store(others=5)
    for page in HEADINGS:
        test = app(page, who="team", sceptic="1")
        assert not test.exception
        assert not test.error
        cells = " ".join(str(cell) for table in test.dataframe for cell in table.value.to_numpy().ravel())
        shown = f"{words(test)} {cells} {[chart.proto.spec for chart in test.get('vega_lite_chart')]}"
        for secret in (ME, "p-other", "secret of", "lower loss"):
            assert secret not in shown


def test_below_the_floor_the_team_is_not_shown_and_the_page_says_why(store, app):
    """Four people: the others' loops are in no number, also where a link asks for the team."""
    store(others=3)
    for parameters in ({}, {"who": "team"}):
        test = app(**parameters)
        assert counted(test) == (["6 iterations"], ["mine"])
        assert "needs 5 people in a study and regime" in words(test)
        assert "the largest group here has 4 people" in words(test)
    assert "**who** = “team” cannot be shown" in words(test)


def test_a_small_study_is_left_out_of_the_teams_view(store, app, place):
    """Five people in one study, one of them alone in another: the other is not in the list of studies."""
    store(others=5)
    spans = [
        span for at in range(6) for number in range(3) for span in of(f"p-{at}", "large", 10 * at + number, 10)
    ] + [span for number in range(3) for span in of("p-1", "small", 90 + number, 10)]
    publish_spans(place, spans)
    test = app(who="team")
    assert counted(test)[0] == ["18 iterations"]
    study = next(box for box in test.selectbox if box.label == "Study")
    assert study.options == ["all", "large"]


def test_with_no_loops_of_ones_own_the_team_is_shown_and_said_to_be(store, app):
    """Nothing of mine: there is no own view to come first."""
    store(others=5, mine=0)
    test = app()
    assert counted(test) == (["30 iterations"], ["team"])
    assert "None of the loops in this store is yours" in words(test)


def test_two_strangers_are_not_shown_and_the_way_on_is_said(store, app):
    """Neither mine nor enough: no number, and what to do if they are mine after all."""
    store(others=2, mine=0)
    test = app()
    assert not test.metric
    assert "None of these 12 iterations is yours" in words(test)
    assert "--me NAME" in words(test)
    assert not test.exception


def test_a_pseudonym_of_another_machine_can_be_said_to_be_ones_own(store, app, place):
    """A line in `also_me` and the loops count as mine."""
    store(others=2)
    (place / "also_me").write_text("p-other0\n")
    assert counted(app())[0] == ["12 iterations"]


def test_what_is_set_apart_lies_in_the_snapshot_and_goes_with_it(store, app, place):
    """Deleting a snapshot deletes both parts, which the owner alone can read."""
    snapshot = store(others=5)
    app()
    app(who="team")
    parts = sorted(path.name for path in (snapshot.folder / "parts").iterdir())
    assert [name.partition("-")[0] for name in parts] == ["own", "team"]
    assert (snapshot.folder / "parts").stat().st_mode & 0o077 == 0


def reported(place, *arguments):
    """What `report` writes, the files of its zip too, as one text; and the rows of the data in it."""
    out = place / "sent"
    assert main(["--home", str(place), "report", "--out", str(out), "--format", "html,md,json,zip", *arguments]) == 0
    with zipfile.ZipFile(out / "report.zip") as packed:
        files = [packed.read(name) for name in packed.namelist() if not name.endswith(".parquet")]
        spans = [
            pq.read_table(io.BytesIO(packed.read(name))) for name in packed.namelist() if name.endswith(".parquet")
        ]
    texts = [(out / f"report.{suffix}").read_bytes() for suffix in ("html", "md", "json")]
    return b" ".join([*texts, *files]).decode(errors="replace"), " ".join(str(table.to_pylist()) for table in spans)


def test_a_report_from_the_command_line_is_of_what_the_pages_show(store, place, capsys):
    """One's own loops, in the text and in the data that goes with it, and the team's where they are asked for."""
    store(others=5)
    words, data = reported(place)
    assert "what follows is of your own loops" in capsys.readouterr().err
    assert "6 iterations" in words
    assert "p-other" not in words + data
    words, data = reported(place, "--who", "team")
    assert "36 iterations" in words
    for secret in (ME, "p-other", "secret of", "lower loss"):
        assert secret not in words + data


def test_a_report_of_too_small_a_team_is_refused_in_words(store, place, capsys):
    """Four people; and where all loops are one's own there is no team."""
    store(others=3)
    asked = ["--home", str(place), "report", "--out", str(place / "sent"), "--who", "team"]
    assert main(asked) == 1
    assert "the largest group here has 4 people" in capsys.readouterr().err
    store(others=0)
    assert main(asked) == 1
    assert "all loops in this home are yours" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "mine", "teams"),
    [
        (("loops", "--json"), "secret of p-me", None),
        (("what-if", "--change", "scale:job:2"), "n = 6", "n = 36"),
        (("what-if", "--first"), "n = 6", "n = 36"),
        (("plan", "--speedup", "1.5"), "6 finished iterations", "36 iterations"),
    ],
)
def test_the_command_line_answers_of_what_the_pages_show(store, place, capsys, command, mine, teams):
    """Of one's own six loops, or of the team's thirty-six where they are asked for; which, it says apart."""
    store(others=5)
    main(["--home", str(place), *command])
    printed = capsys.readouterr()
    assert mine in printed.out
    assert "p-other" not in printed.out
    assert "your own loops" in printed.err
    main(["--home", str(place), *command, "--who", "team"])
    printed = capsys.readouterr()
    assert teams is None or teams in printed.out
    for secret in (ME, "p-other", "secret of"):
        assert secret not in printed.out


def test_a_tool_is_measured_on_ones_own_loops(store, place, capsys):
    """Others record the tool, I do not: their loops are not measured under my name, and neither are they named."""
    store(others=5)
    assert main(["--home", str(place), "measure", "--tool", "cache"]) == 1
    alone = capsys.readouterr().err
    assert "your own loops" in alone
    assert "no iteration recorded its arm of 'cache'" in alone
