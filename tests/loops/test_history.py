"""Bursts and gaps worked out by hand: given jobs, expected iterations and phases."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.capture.integrations.gap_rule import GapRule, parse_rule
from tracker.importers.jobs import JOB_RECORDS, STEP_RECORDS
from tracker.loops.history import BurstRule, infer_iterations

SECOND = 1_000_000
# Monday 2026-03-02 00:00 UTC.
MONDAY = 1_772_409_600


def job(name, started, ended, *, launched=None, person="p", family="", study="s", is_job=True, enabled=None):
    """Returns a job from `started` to `ended`, seconds after Monday noon UTC."""
    noon = MONDAY + 12 * 3_600
    instants = {"launched_us": launched, "enabled_us": enabled, "started_us": started, "ended_us": ended}
    given = {key: (started if value is None and key != "ended_us" else value) for key, value in instants.items()}
    micros = {key: None if value is None else (noon + value) * SECOND for key, value in given.items()}
    status = "open" if ended is None else "finished"
    words = {"study": study, "person": person, "job": name, "family": family, "name": name, "status": status}
    return {**dict.fromkeys(JOB_RECORDS.names), **words, **micros, "is_job": is_job}


def inferred(jobs, rule=None, steps=()):
    table = pa.Table.from_pylist(jobs, JOB_RECORDS)
    rule = rule or BurstRule("test")
    return infer_iterations(table, pa.Table.from_pylist(list(steps), STEP_RECORDS), rule).to_pylist()


def iterations(spans):
    """Returns the names of the jobs of each iteration, in order."""
    found = {}
    for span in spans:
        if span["kind"] == "job":
            found.setdefault((span["study"], span["iteration"]), []).append(span["name"])
    return sorted(sorted(names) for names in found.values())


def phases(spans):
    """Returns the phases as seconds after Monday noon."""
    noon = MONDAY + 12 * 3_600
    found = [span for span in spans if span["kind"] == "phase"]
    return [tuple(span[name].timestamp() - noon for name in ("started_at", "ended_at")) for span in found]


def test_a_sweep_submitted_at_once_is_one_iteration():
    """Four launches within 5 minutes of each other, however long they run; one an hour later is another."""
    sweep = [job(name, start, 9_000) for name, start in (("a", 0), ("b", 200), ("c", 400), ("d", 690))]
    assert iterations(inferred([*sweep, job("e", 4_000, 5_000)])) == [["a", "b", "c", "d"], ["e"]]


def test_a_script_that_starts_one_run_after_the_other_is_one_iteration():
    """Each an hour long and launched 5 s after the last has ended; the next waits for the one before it."""
    spans = inferred([job("a", 0, 3_600), job("b", 3_605, 7_200), job("c", 7_205, 9_000)])
    jobs = {span["name"]: span for span in spans if span["kind"] == "job"}
    assert iterations(spans) == [["a", "b", "c"]]
    assert [jobs[name]["after"] for name in "abc"] == ["", jobs["a"]["span"], jobs["b"]["span"]]
    assert phases(spans) == []


def test_a_job_without_length_does_not_follow_itself():
    """A week after the first one two jobs begin and end at one instant, one 50 s later is chained to them."""
    week = 7 * 86_400
    instant = [job("b", week, week), job("c", week, week)]
    jobs = [job("a", 0, 3_600), *instant, job("d", week + 50, week + 90), job("e", week + 151, week + 160)]
    narrow = BurstRule("test", burst_seconds=0.0)
    assert iterations(inferred(jobs, narrow)) == [["a"], ["b", "c", "d"], ["e"]]
    assert iterations(inferred([job("a", 0, 0), job("b", week, week)])) == [["a"], ["b"]]


def test_a_job_without_length_of_a_family_is_followed_by_others_of_its_instant():
    """The family was launched long before: what is launched when one of its jobs ends is chained to it, by the rule."""
    family = [job("x", 0, 600, family="f"), job("y", 9_000, 9_000, family="f")]
    narrow = BurstRule("test", burst_seconds=0.0)
    assert iterations(inferred([*family, job("z", 9_000, 9_100)], narrow)) == [["x", "y", "z"]]


def test_a_gap_is_an_inferred_phase_of_the_iteration_that_follows():
    """Twenty minutes between two runs: somebody read the first and wrote the second."""
    spans = inferred([job("a", 0, 600), job("b", 1_800, 2_400)])
    second = next(span for span in spans if span["name"] == "b" and span["kind"] == "iteration")
    assert iterations(spans) == [["a"], ["b"]]
    assert phases(spans) == [(600.0, 1_800.0)]
    assert second["started_at"].timestamp() == MONDAY + 12 * 3_600 + 600
    assert [span["inferred"] for span in spans if span["kind"] in ("iteration", "phase")] == [True] * 3


def test_gaps_too_short_or_too_long_are_nobodys():
    """9 s are a script, 3 hours are lunch and a meeting; neither is a phase. The options change both."""
    jobs = [job("a", 0, 600), job("b", 609, 700), job("c", 700 + 3 * 3_600, 12_000)]
    assert phases(inferred(jobs)) == []
    wide = BurstRule("test", gaps=GapRule(longest_hours=4, shortest_seconds=5))
    assert phases(inferred(jobs, wide)) == [(600.0, 609.0), (700.0, 11_500.0)]


def test_a_gap_counts_in_working_hours_of_the_users_own_zone():
    """From 19:00 UTC to 20:30 UTC on a Monday: 21:00 in Berlin in winter is 20:00 UTC, and there the day ends."""
    jobs = [job("a", 0, 7 * 3_600), job("b", 8.5 * 3_600, 9 * 3_600)]
    jobs = [{**one, "ended_us": int(one["ended_us"])} for one in jobs]
    assert phases(inferred(jobs)) == [(25_200.0, 30_600.0)]
    assert phases(inferred(jobs, BurstRule("test", zone="Europe/Berlin"))) == [(25_200.0, 28_800.0)]
    sunday = BurstRule("test", gaps=parse_rule({"work_days": "Sat-Sun"}))
    assert phases(inferred(jobs, sunday)) == []


def test_nothing_of_a_person_is_a_gap_while_another_study_runs():
    """Between two runs of `s` the same person ran one of `t`; only the rest is a gap, and given away once."""
    jobs = [job("a", 0, 600), job("t1", 900, 1_500, study="t"), job("b", 1_800, 2_000)]
    assert sorted(phases(inferred(jobs))) == [(600.0, 900.0), (1_500.0, 1_800.0)]
    others = [job("a", 0, 600), job("t1", 900, 1_500, study="t", person="q"), job("b", 1_800, 2_000)]
    assert phases(inferred(others)) == [(600.0, 1_800.0)]


def test_a_family_stays_together_and_its_parent_is_no_job():
    """A parent run with two children half an hour apart: one iteration, two jobs, as long as the parent."""
    family = [
        job("parent", 0, 5_000, family="f", is_job=False),
        job("x", 10, 600, family="f"),
        job("y", 2_400, 3_000, family="f"),
    ]
    spans = inferred(family)
    (iteration,) = [span for span in spans if span["kind"] == "iteration"]
    assert iterations(spans) == [["x", "y"]]
    assert (iteration["ended_at"] - iteration["started_at"]).total_seconds() == 5_000
    assert phases(spans) == []


def test_a_job_without_an_end_leaves_its_iteration_open():
    """It may still run, or its process was killed: nobody knows."""
    spans = inferred([job("a", 0, None)])
    assert [(span["status"], span["ended_at"]) for span in spans] == [("open", None)] * 2


def test_two_people_do_not_share_an_iteration():
    """They launched at the same second."""
    assert iterations(inferred([job("a", 0, 60), job("b", 0, 60, person="q")])) == [["a"], ["b"]]


def test_more_history_keeps_the_ids_of_what_was_there():
    """The same job leads the iteration, so a later import gives the same id."""
    first = {span["span"] for span in inferred([job("a", 0, 60), job("b", 9_000, 9_100)])}
    more = {span["span"] for span in inferred([job("a", 0, 60), job("b", 9_000, 9_100), job("c", 20_000, 20_010)])}
    assert first < more


def test_a_zone_that_there_is_not_is_said_in_plain_words():
    """The name, and what is known."""
    with pytest.raises(ValueError, match="timezone == 'Mars/Olympus'"):
        inferred([job("a", 0, 60), job("b", 120, 130)], BurstRule("test", zone="Mars/Olympus"))


def naive_bursts(jobs, burst, chain):
    """The rule word for word, one launch after the other."""
    groups, reference = [], sorted(jobs, key=lambda one: (one[0], one[2]))
    for place, (start, _, name) in enumerate(reference):
        ends = [end for _, end, _ in reference[:place] if end <= start]
        near = place > 0 and start - reference[place - 1][0] <= burst
        if near or (ends and start - max(ends) <= chain):
            groups[-1].append(name)
        else:
            groups.append([name])
    return sorted(sorted(group) for group in groups)


LENGTHS = st.integers(0, 900) | st.just(0)
RUNS = st.lists(st.tuples(st.integers(0, 3_000), LENGTHS), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(runs=RUNS, burst=st.integers(0, 400), chain=st.integers(0, 100))
def test_sql_finds_the_bursts_that_the_rule_says(runs, burst, chain):
    """Any jobs, any rule: the same groups as a loop over the launches finds."""
    jobs = [(start, start + length, f"j{number:02d}") for number, (start, length) in enumerate(runs)]
    rule = BurstRule("test", burst_seconds=burst, chain_seconds=chain)
    spans = inferred([job(name, start, end) for start, end, name in jobs], rule)
    assert iterations(spans) == naive_bursts(jobs, burst, chain)
