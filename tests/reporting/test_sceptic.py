"""A sceptic's questions over marts whose counts are known by hand."""

import pyarrow as pa
import pytest

from tracker.reporting.facts import read_facts
from tracker.reporting.kept_plans import KeptPlan, course_of
from tracker.reporting.sceptic import NOT_ANSWERABLE, Material, answer_sceptic
from tracker.speedup import NotEstimable, measure

NO_FORECAST = NotEstimable("the ledger holds no forecast", "record one")


def iterations(n=40, person="p-1", status="finished", regime="toy"):
    """The mart: n loops of 100 s, 20 s of which overlap, two jobs and a decision each."""
    row = {"study": "s", "regime": regime, "person": person, "is_scripted": person == "scripted", "status": status}
    row |= {"evidence": "measured", "elapsed_seconds": 100.0, "overlapped_seconds": 20.0, "unattributed_seconds": 5.0}
    row |= {"queue_seconds": 3.0, "jobs": 2, "decision_points": 1, "murky_decision_points": 0, "forecast_seconds": None}
    return [row | {"iteration": f"{person}-{status}-{regime}-{number}"} for number in range(n)]


def tables(rows, arms=()):
    schema = pa.schema(
        [("study", pa.string()), ("iteration", pa.string()), ("tool", pa.string()), ("arm", pa.string())]
    )
    table = pa.Table.from_pylist(rows)
    place = table.schema.get_field_index("forecast_seconds")
    table = table.set_column(place, "forecast_seconds", table["forecast_seconds"].cast(pa.float64()))
    return table, pa.Table.from_pylist(list(arms), schema=schema)


def answers(rows, arms=(), measurements=None, courses=None):
    facts = read_facts(*tables(rows, arms))
    return answer_sceptic(Material("20260301T000000Z-abc", facts, measurements or {}, NO_FORECAST, courses or {}))


def test_all_fifteen_questions_are_answered_or_said_not_to_be_answerable():
    """Without a tool nothing can be said of arms, novelty, quality, noise, peeking or negative results."""
    found = answers(iterations())
    refused = [answer for answer in found if not answer.is_answered]
    assert len(found) == 15
    assert all(answer.words.startswith(NOT_ANSWERABLE) for answer in refused)
    assert len(refused) == 7


def test_the_counts_are_those_of_the_rows():
    """40 loops by hand, 5 of a program, 3 killed: 48, three parts in ten of which nobody else did."""
    rows = iterations(40) + iterations(5, person="scripted", regime="real") + iterations(3, status="killed")
    found = answers(rows)
    words = {answer.question: answer.words for answer in found}
    assert "48 iterations here, of which 45 finished" in found[0].words
    assert "Overlapped is 20.0 % of it" in words["Is overlapped waiting counted?"]
    assert "3 iterations killed" in words["Who opted out, and what was left out?"]
    assert "1 person, 1 study. 5 iterations of 48 are of a scripted researcher" in words["How many people is this?"]
    assert "toy models: 43 iterations, 89.6 % of the time" in words["Toy or real?"]


def test_iterations_without_an_arm_are_counted_apart_from_the_baseline():
    """Ten of each arm and twenty of neither."""
    rows = iterations(40)
    arms = [
        {"study": "s", "iteration": row["iteration"], "tool": "cache", "arm": "baseline" if at % 2 else "changed"}
        for at, row in enumerate(rows[:20])
    ]
    found = answers(rows, arms)
    words = next(answer.words for answer in found if answer.question.startswith("Who opted out"))
    assert "cache: 10 baseline, 10 changed, 20 without a recorded arm" in words


def test_a_measured_tool_answers_the_questions_about_it():
    """Forty loops by turns: how arms came about, placebo, course and always-valid interval are all said."""
    said = answers(iterations(), measurements={"cache": compared(40)})
    words = {answer.question: answer.words for answer in said}
    assert "alternate" in words["How was the arm assigned?"]
    assert "holds at all looks together" in words["Did you peek?"]
    assert "slower none" in words["Where are the negative results?"]
    assert "placebo" in words["How much would noise alone show, with nothing changed?"]


@pytest.mark.parametrize("word", ["Can I recompute it?", "Who sees my data?"])
def test_what_does_not_depend_on_the_data_is_always_said(word):
    """A store of one iteration gets the same two answers."""
    found = answers(iterations(1))
    assert next(answer for answer in found if answer.question == word).is_answered


ABOUT_TOOLS = (
    "How was the arm assigned?",
    "Does it wear off, or was it only new?",
    "Is the work as good as before?",
    "How much would noise alone show, with nothing changed?",
    "Did you peek?",
)


def compared(n):
    """So many loops by turns, and what comes of measuring them."""
    seconds = [100.0 * (1.0 + 0.01 * (at % 7)) / (1 if at % 2 else 2) for at in range(n)]
    arms = ["baseline" if at % 2 else "changed" for at in range(n)]
    table = {"iteration": [f"i-{at}" for at in range(n)], "seconds": seconds, "arm": arms, "time": list(range(n))}
    return measure(table, arm="arm", baseline="baseline", seconds="seconds", time="time", rng=0)


def test_a_reason_why_nothing_is_known_is_no_answer():
    """Two loops of each arm: no question about the tool is answered, and each says why."""
    said = {answer.question: answer for answer in answers(iterations(4), measurements={"cache": compared(4)})}
    for question in ABOUT_TOOLS[1:]:
        if question != "Is the work as good as before?":
            assert not said[question].is_answered, question
            assert said[question].words.startswith(f"{NOT_ANSWERABLE}: cache: "), question
            assert "not estimable" in said[question].words, question


def plan_of(n, given, looks="once", is_whole=True):
    """A plan of n slots, B and C by turns, of which the first were given out and done."""
    slots = tuple((at, f"i-{at}") for at in range(given))
    return KeptPlan("cache", "abba", looks, f"at {n}", "measure it", "CB" * (n // 2), slots, "ab" * 32, is_whole)


def peeked(n, given, **more):
    rows = pa.table(
        {
            "iteration": [f"i-{at}" for at in range(given)],
            "arm": ["baseline" if at % 2 else "changed" for at in range(given)],
            "status": ["finished"] * given,
        }
    )
    courses = {"cache": course_of(plan_of(n, given, **more), rows)}
    found = answers(iterations(given), measurements={"cache": compared(given)}, courses=courses)
    return {answer.question: answer.words for answer in found}


def test_with_a_plan_peeking_is_judged_by_its_end():
    """Half way through, at its end, and where looking was planned: three answers."""
    assert "one look, at its end, and 20 of 40 are given out: until then" in peeked(40, 20)["Did you peek?"]
    assert "which is reached (40 of 40)" in peeked(40, 40)["Did you peek?"]
    assert "the plan allows looks at any time" in peeked(40, 20, looks="daily")["Did you peek?"]


def test_with_a_plan_its_hash_and_what_it_gave_out_are_told():
    """And whether it was changed since."""
    said = peeked(40, 20)
    assert "SHA-256 abababababab… and unchanged since" in said["How was the arm assigned?"]
    assert "finished 10 of 10 baseline and 10 of 10 changed" in said["Who opted out, and what was left out?"]
    assert "changed since it was put into force" in peeked(40, 20, is_whole=False)["How was the arm assigned?"]


def test_what_else_differs_between_the_arms_is_told_by_their_mix():
    """Of eight baseline loops two are real, of eight changed ones six."""
    rows = iterations(8, person="a") + iterations(8, person="b", regime="real")
    arm = {at: "changed" if at in (0, 1) or 8 <= at < 14 else "baseline" for at in range(16)}
    arms = [
        {"study": "s", "iteration": row["iteration"], "tool": "cache", "arm": arm[at]} for at, row in enumerate(rows)
    ]
    words = next(one.words for one in answers(rows, arms) if one.question.startswith("What else"))
    assert "25.0 % of the baseline and 75.0 % of the changed iterations are on real models" in words


def test_without_jobs_no_queue_is_claimed():
    """A store of phases alone."""
    rows = [row | {"jobs": 0, "queue_seconds": 0.0} for row in iterations(3)]
    assert next(one.words for one in answers(rows) if one.question.startswith("Is the queue")).startswith("No job")
