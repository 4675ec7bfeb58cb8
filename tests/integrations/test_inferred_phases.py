"""Iterations that nobody wrote by hand: what lies between their jobs is inferred, and marked as inferred."""

import os
import sys

import pytest

from tracker.capture.integrations.automatic import AutomaticIteration
from tracker.capture.integrations.turns import claim_gap, mark_end
from tracker.capture.recorder import process_recorder
from tracker.testing import FakeClock, recording

# The fake clock starts at 2026-01-01 00:00 UTC, a Thursday.
NINE = 9 * 3_600


@pytest.fixture(autouse=True)
def always_utc(home, monkeypatch):
    """The rule of these tests, whatever this machine's time zone is; a home that was never used."""
    monkeypatch.setenv("TRACKER_GAPS", "utc_offset_minutes=0")


def automatic(name="notebook"):
    return AutomaticIteration(process_recorder(), name, study="s")


def told(recorded):
    """(kind, name, minutes, inferred) of each span."""
    (iteration,) = recorded.iterations()
    return [
        (span.kind, span.name, (span.ended_at - span.started_at) / 60e6, span.fields.get("inferred", False))
        for span in iteration.spans
    ]


def test_between_two_jobs_a_phase_is_inferred_and_the_second_job_waited_for_it():
    """Ten minutes of job, twenty of a person, five of job: as the graph will be replayed."""
    with recording() as recorded:
        recorded.clock.advance(NINE)
        with automatic() as it:
            with it.job("train"):
                recorded.clock.advance(600)
            recorded.clock.advance(1_200)
            with it.job("train"):
                recorded.clock.advance(300)
    assert told(recorded) == [
        ("job", "train", 10.0, False),
        ("phase", "between-jobs", 20.0, True),
        ("job", "train", 5.0, False),
    ]
    first, phase, second = recorded.iterations()[0].spans
    assert (first.after, phase.after, second.after) == ("", "", phase.span)


def test_a_recorded_phase_is_not_inferred_again():
    """Where somebody said what they did, nothing is left to infer."""
    with recording() as recorded:
        recorded.clock.advance(NINE)
        with automatic() as it, it.phase("think"):
            recorded.clock.advance(600)
    assert told(recorded) == [("phase", "think", 10.0, False)]


def test_an_iteration_opened_by_hand_infers_nothing():
    """What no phase or job covers there is unattributed: the rule is for those that nobody wrote."""
    import tracker

    with recording() as recorded:
        recorded.clock.advance(NINE)
        with tracker.iteration("one", study="s"):
            recorded.clock.advance(600)
    assert told(recorded) == []
    assert recorded.iterations()[0].gap_rule == {}


def test_a_sleep_of_the_machine_is_nobodys_time():
    """Ten minutes, the lid closed for half an hour, ten minutes: two phases and nothing in between."""
    with recording() as recorded:
        recorded.clock.advance(NINE)
        with automatic():
            recorded.clock.advance(600)
            recorded.clock.suspend(1_800)
            recorded.clock.advance(600)
    assert [minutes for *_, minutes, _ in told(recorded)] == [10.0, 10.0]


def test_a_night_between_jobs_is_unattributed():
    """From Thursday evening to Friday morning nothing is inferred, long as the iteration lasts."""
    with recording() as recorded:
        recorded.clock.advance(NINE)
        with automatic() as it:
            with it.job("train"):
                recorded.clock.advance(3_600)
            recorded.clock.advance(23 * 3_600)
            with it.job("train"):
                recorded.clock.advance(3_600)
    assert [kind for kind, *_ in told(recorded)] == ["job", "job"]


def test_the_rule_stands_on_the_iteration_as_it_was_in_force(monkeypatch):
    """A reader sees by which values the phases were inferred, and another rule infers others."""
    monkeypatch.setenv("TRACKER_GAPS", "longest_hours=0.1 utc_offset_minutes=0")
    with recording() as recorded:
        recorded.clock.advance(NINE)
        with automatic():
            recorded.clock.advance(600)
    assert told(recorded) == []
    assert recorded.iterations()[0].gap_rule == {
        "longest_hours": 0.1,
        "shortest_seconds": 10.0,
        "work_days": "Mon-Fri",
        "work_hours": "7-21",
        "utc_offset_minutes": 0,
        "long_cell_seconds": 5.0,
    }


def test_a_rule_that_cannot_be_read_is_said_and_the_default_holds(monkeypatch, capfd):
    """Recording goes on by the rule that everybody knows."""
    from tracker.capture import recorder
    from tracker.capture.complaint import Stderr

    monkeypatch.setenv("TRACKER_GAPS", "naps=3")
    monkeypatch.setattr(recorder, "stderr", Stderr())
    with recording() as recorded, automatic():
        pass
    assert recorded.iterations()[0].gap_rule["longest_hours"] == 2.0
    assert "gaps has no 'naps'" in capfd.readouterr().err


def test_a_gap_is_given_away_once_and_not_across_a_sleep_or_a_boot(tmp_path):
    """Of two turns that start together the first has the gap; how a night in a bag is to be split nobody knows."""
    clock = FakeClock()
    assert claim_gap(tmp_path, clock) is None
    mark_end(tmp_path, clock)
    ended = clock.wall_ns()
    clock.advance(600)
    assert claim_gap(tmp_path, clock) == ended
    assert claim_gap(tmp_path, clock) == clock.wall_ns()
    clock.suspend(600)
    assert claim_gap(tmp_path, clock) is None
    later = FakeClock(wall_ns=clock.wall_ns() + 10**9, boot="boot-2")
    assert claim_gap(tmp_path, later) is None


def test_a_gap_ends_where_anything_was_recorded_in_between(tmp_path):
    """What somebody recorded by hand in the meantime is no gap."""
    clock = FakeClock()
    mark_end(tmp_path, clock)
    (tmp_path / "journal").mkdir()
    segment = tmp_path / "journal" / "other.journal"
    segment.write_bytes(b"")
    clock.advance(600)
    os.utime(segment, ns=(clock.wall_ns(), clock.wall_ns()))
    clock.advance(60)
    assert claim_gap(tmp_path, clock) == clock.wall_ns() - 60 * 10**9


def test_the_second_of_two_runs_begins_with_what_lay_between_them(recorded):
    """Read the result, change the code, run again: no edit, and the person's time is there, marked as inferred."""
    always = {"TRACKER_GAPS": "shortest_seconds=0 work_days=Mon-Sun work_hours=0-24"}
    for _ in range(2):
        recorded.run(sys.executable, "-c", "pass", environment=always)
    first, second = recorded.iterations()
    phase, job = [span for span in second.spans if span.ended_at - span.started_at > 1_000][-2:]
    assert (phase.kind, phase.fields, job.kind) == ("phase", {"inferred": True}, "job")
    assert first.ended_at <= second.started_at == phase.started_at <= phase.ended_at <= job.started_at
