"""What the rule infers, end to end: from the journal to MLflow and the marts, with the rule beside it."""

import json
import os

import pytest
from mlflow import MlflowClient

from tracker.capture import recorder
from tracker.capture.integrations.automatic import AutomaticIteration
from tracker.capture.integrations.gap_rule import GapRule, parse_rule
from tracker.capture.recorder import Recorder, process_recorder
from tracker.cli import main
from tracker.loops.refresh import refresh
from tracker.shipping.shipper import sync
from tracker.testing import FakeClock

MINUTE, HOUR = 60, 3_600
THURSDAY_9_UTC = 1_767_225_600 + 9 * HOUR


@pytest.fixture
def week(store_home, monkeypatch):
    """A notebook from Thursday to Monday: four jobs of an hour, with what lay between them."""
    monkeypatch.setenv("TRACKER_GAPS", "utc_offset_minutes=0")

    def record():
        clock = FakeClock(wall_ns=THURSDAY_9_UTC * 10**9, boot="")
        own = Recorder(clock)
        clock.on_waking = own.tick
        with recorder.replaced(own), AutomaticIteration(process_recorder(), "notebook", study="s") as it:
            for gap, is_asleep in ((30 * MINUTE, False), (20 * HOUR, True), (3 * 24 * HOUR, False), (0, False)):
                with it.job("train"):
                    clock.advance(HOUR)
                (clock.suspend if is_asleep else clock.advance)(gap)
        own.close()
        for path in (store_home / "journal").glob("*.journal"):
            os.utime(path, (0, 0))
        sync(store_home)
        return store_home

    return record


def run_of(home):
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name("s").experiment_id], "tags.`tracker.iteration` LIKE '%'")
    return run.data


def test_a_gap_is_a_phase_and_a_night_a_weekend_and_a_sleep_are_nobodys(week):
    """Half an hour is inferred; 20 hours of sleep and three days, by the arithmetic of the four parts, are not."""
    data = run_of(week())
    assert data.metrics["phase_seconds/between-jobs"] == data.metrics["active_seconds"] == 30 * MINUTE
    assert data.metrics["waiting_seconds"] == 4 * HOUR
    assert data.metrics["unattributed_seconds"] == 92 * HOUR
    assert data.metrics["wall_clock_seconds"] == 96.5 * HOUR


def test_what_was_inferred_is_marked_in_mlflow_and_in_the_marts(week):
    """The phase and nothing else; the marts' four parts are the run's own."""
    home = week()
    rows = [row for key, chunk in run_of(home).tags.items() if "spans/" in key for row in json.loads(chunk)]
    assert [(row["kind"], row["name"]) for row in rows if row.get("inferred")] == [("phase", "between-jobs")]
    marts = refresh(home).connect()
    found = marts.sql("select kind, name, inferred from spans where inferred").fetchall()
    assert found == [("phase", "between-jobs", True)]
    parts = marts.sql("select active_seconds, waiting_seconds, unattributed_seconds from iterations").fetchall()
    assert parts == [(30 * MINUTE, 4 * HOUR, 92 * HOUR)]


def test_the_rule_in_force_is_in_the_record(week):
    """A reader of MLflow alone can infer the same phases again."""
    rule = parse_rule(json.loads(run_of(week()).tags["tracker.gap_rule"]))
    assert rule == GapRule(utc_offset_minutes=0)


def test_another_rule_tells_another_story(week, store_home):
    """Days of a gap allowed, at all hours, by a file in the home folder: everything but the sleep is a person's."""
    (store_home / "rules.toml").write_text('[gaps]\nlongest_hours = 100\nwork_days = "Mon-Sun"\nwork_hours = "0-24"\n')
    data = run_of(week())
    assert data.metrics["active_seconds"] == 72.5 * HOUR
    assert data.metrics["unattributed_seconds"] == 20 * HOUR


def test_the_rule_can_be_read_before_it_is_needed(home, capsys, monkeypatch):
    """`run --help` says what the default is and how to change it, `doctor` what is in force and what is wrong."""
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "a gap of 10 s to 2 h counts as a person at work on Mon-Fri from 7 to 21 h" in text
    assert "TRACKER_GAPS=" in text
    monkeypatch.setenv("TRACKER_GAPS", "work_hours=8-18")
    main(["doctor"])
    assert "on Mon-Fri from 8 to 18 h" in capsys.readouterr().out
    monkeypatch.setenv("TRACKER_GAPS", "naps=3")
    assert main(["doctor"]) == 1
    assert "gaps has no 'naps'" in capsys.readouterr().out
