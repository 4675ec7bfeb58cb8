"""A plan in force: page, report and command line measure by it alike, and say where it does not hold."""

import json

import pytest
from known_store import iteration_spans, publish_spans
from shown_tables import with_column
from test_pages import words

from tracker.capture.plans import current_plan, write_plan
from tracker.cli import main
from tracker.loops.spans_table import read_spans_with_arms
from tracker.speedup import plan
from tracker.speedup.planning.experiment import canonical_plan

PLANNED = 24


@pytest.fixture
def planned(place):
    """Twelve loops before, from which a plan of twenty-four is made and followed; changed jobs take 15 s and not 60."""
    before = [iteration_spans("toy-study", "toy", n, think=20 + n % 5, queue=0, job=60) for n in range(12)]
    history = publish_spans(place, [span for own in before for span in own])
    made = plan(read_spans_with_arms(history), tool="cache", iterations=PLANNED, design="blocked", rng=3)
    write_plan(str(place), "cache", canonical_plan(made), made.sha256)
    running = current_plan(str(place), "cache")
    under = []
    for slot, arm in enumerate(made.arms):
        number = 12 + slot
        running.take(f"toy-study-{number}", f"toy-study-{number}")
        job = 15 if arm == "C" else 60
        own = iteration_spans("toy-study", "toy", number, think=20 + slot % 7, queue=0, job=job)
        under += [{**span, "tool.cache": "changed" if arm == "C" else "baseline"} for span in own]
    spans = [span for own in before for span in own] + under
    publish_spans(place, spans)
    return place, spans, made


def measured_by_command(place, capsys):
    """What `python -m tracker measure` prints."""
    capsys.readouterr()
    assert main(["--home", str(place), "measure", "--tool", "cache", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def measured_by_report(place):
    """What the report's JSON holds of the tool."""
    assert main(["--home", str(place), "report", "--format", "json", "--out", str(place / "report.json")]) == 0
    sections = {section["name"]: section for section in json.loads((place / "report.json").read_text())["sections"]}
    return sections["measured"]["tables"][0]["records"][0], sections.get("measured-1")


def test_page_report_and_command_measure_by_the_plan_alike(planned, app, capsys):
    """The same estimand, interval, always-valid interval, assignment and sample ratio, to the last digit or word."""
    place, _, made = planned
    said = measured_by_command(place, capsys)
    record, section = measured_by_report(place)
    assert said["assignment"]["kind"] == "blocked"
    assert said["sample_ratio"]["planned_fraction"] == 0.5
    for part in ("assignment", "sample_ratio", "checks"):
        assert record[part] == said[part]
    assert record["estimands"] == said["estimands"]
    shown = words(app("measured"))
    mean = said["estimands"]["geometric_mean"]
    low, high = mean["always_valid_interval"]
    assert f"{mean['speedup']:.2f}x ({mean['interval'][0]:.2f}-{mean['interval'][1]:.2f})" in shown
    assert f"{low:.2f}-{high:.2f}" in shown
    for where in (shown, json.dumps(section, ensure_ascii=False)):
        assert "randomised within blocks by a plan" in where
        assert made.stop in where
        assert made.sha256 in where
        assert f"{PLANNED} of {PLANNED} iterations" in where


def test_the_command_prints_the_plan_with_its_stopping_rule_and_hash(planned, capsys):
    """In words, beside the numbers."""
    place, _, made = planned
    capsys.readouterr()
    assert main(["--home", str(place), "measure", "--tool", "cache"]) == 0
    said = capsys.readouterr().out
    assert f"stop: {made.stop}" in said
    assert f"SHA-256 of the plan: {made.sha256}" in said


def test_what_the_plan_foresaw_widens_or_narrows_the_interval_for_many_looks(planned, app):
    """At 24 planned iterations it is another than at the 40 that are assumed without a plan."""
    place, _, _ = planned
    under = measured_by_report(place)[0]["estimands"]["geometric_mean"]["always_valid_interval"]
    assert main(["--home", str(place), "plan", "--tool", "cache", "--end"]) == 0
    without = measured_by_report(place)[0]["estimands"]["geometric_mean"]["always_valid_interval"]
    assert under != without
    assert "What was decided before" not in words(app("measured"))


def test_an_iteration_outside_of_the_plan_is_said_and_the_arms_are_compared_as_found(planned, app, capsys):
    """One loop with an arm that the plan did not give: no claim of randomisation, here or there."""
    place, spans, _ = planned
    more = iteration_spans("toy-study", "toy", 90, think=20, queue=0, job=15)
    publish_spans(place, spans + [{**span, "tool.cache": "changed"} for span in more])
    assert not measured_by_command(place, capsys)["assignment"]["is_planned"]
    assert not measured_by_report(place)[0]["assignment"]["is_planned"]
    assert "1 of 25 iterations with a recorded arm were not done under the plan in force" in words(app("measured"))


def test_sceptic_mode_tells_the_plan_its_end_and_its_hash(planned, app):
    """How the arm was assigned, whether somebody peeked, and what the plan gave out."""
    _, _, made = planned
    test = app("measured", sceptic="1")
    table = with_column(test, "question")
    said = {row["question"]: row["answer"] for _, row in table.iterrows()}
    assert f"SHA-256 {made.sha256[:12]}… and unchanged since" in said["How was the arm assigned?"]
    assert "one look, at its end, which is reached (24 of 24)" in said["Did you peek?"]
    assert "finished 12 of 12 baseline and 12 of 12 changed" in said["Who opted out, and what was left out?"]


def test_a_plan_that_was_changed_is_said_to_be(planned, app):
    """One letter of its stopping rule."""
    place, _, _ = planned
    path = next((place / "plans").glob("cache@*.json"))
    path.write_text(path.read_text().replace('"looks":"once"', '"looks":"daily"'))
    assert "does not match its hash" in words(app("measured"))
    assert "changed since it was put into force" in words(app("measured", sceptic="1"))


def test_a_damaged_plan_stops_no_report_and_is_said_on_the_page(planned, app, capsys):
    """Half a file: the page says which plan and what to do; the report is written without it, and says so."""
    place, _, _ = planned
    next((place / "plans").glob("cache@*.json")).write_text("{")
    test = app("measured")
    assert not test.exception
    assert "the plan in force for 'cache' cannot be read" in words(test)
    assert not measured_by_report(place)[0]["assignment"]["is_planned"]
    assert "the plan in force for 'cache' cannot be read" in capsys.readouterr().err
