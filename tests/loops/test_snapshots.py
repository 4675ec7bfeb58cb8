"""Snapshots are whole, immutable and found again."""

import os
import shutil
import sqlite3
import stat
import time

import pytest

import tracker
from tracker.loops import drafts
from tracker.loops.drafts import DRAFT, DRAFT_SECONDS, open_draft, remove_drafts
from tracker.loops.marts import MARTS
from tracker.loops.refresh import refresh
from tracker.loops.snapshots import NoSnapshot, open_base, open_latest, open_snapshot, snapshots_folder
from tracker.shipping.shipper import sync


def record(name):
    with tracker.iteration(name, study="s", regime="toy") as it, it.phase("think"):
        it.decide("go on", options=["go on", "stop"])


def test_deleted_snapshots_come_back_the_same(store_home):
    """Same id, which is the digest of the marts, and the same manifest."""
    record("one")
    sync(store_home)
    before = refresh(store_home).manifest
    shutil.rmtree(snapshots_folder(store_home))
    assert refresh(store_home).manifest == before


def test_a_refresh_without_news_publishes_nothing_new(store_home):
    """The folder holds one snapshot after three refreshes."""
    record("one")
    sync(store_home)
    for _ in range(3):
        refresh(store_home)
    assert len([path for path in snapshots_folder(store_home).iterdir() if path.is_dir()]) == 1


def test_another_rule_of_hours_is_another_snapshot_and_the_next_refresh_has_no_news(store_home):
    """Also where no number differs; the old one says what it said."""
    record("one")
    sync(store_home)
    rule, found = '[hours]\nwork_hours = "0-24"\nwork_days = "Mon-Sun"\nzone = "{}"\n', []
    for zone in ("UTC", "Europe/Berlin"):
        (store_home / "rules.toml").write_text(rule.format(zone))
        found.append(refresh(store_home))
    before, after = found
    assert [zone in one.manifest.hours for one in found for zone in ("UTC", "Berlin")] == [True, False, False, True]
    assert refresh(store_home) == open_latest(snapshots_folder(store_home)) == after
    assert open_snapshot(snapshots_folder(store_home), before.manifest.snapshot).manifest == before.manifest


def test_the_same_content_by_another_version_is_gone_on_from(store_home):
    """Or every refresh after an upgrade would build all anew, until something else is recorded."""
    record("one")
    sync(store_home)
    folder = refresh(store_home).folder
    (folder / "version").write_text("of old\n")
    assert open_base(snapshots_folder(store_home)) is None
    assert refresh(store_home).folder == folder
    assert open_base(snapshots_folder(store_home)) is not None


def test_a_clock_that_once_ran_ahead_holds_no_news_back(store_home):
    """A snapshot that is said to have been read an hour from now gives way to one that is read now."""
    record("one")
    sync(store_home)
    folder, first = snapshots_folder(store_home), refresh(store_home)
    (folder / "latest").write_text(f"{first.manifest.snapshot}\n{time.time_ns() + 3600 * 10**9}\n")
    record("two")
    sync(store_home)
    second = refresh(store_home)
    assert open_latest(folder) == second != first


def test_an_old_snapshot_still_reads_as_it_was(store_home):
    """A reader that opened the first one sees one iteration while the latest has two."""
    record("one")
    sync(store_home)
    first = refresh(store_home)
    record("two")
    sync(store_home)
    refresh(store_home)
    counts = [
        snapshot.connect().sql("select count(*) from iterations").fetchall()[0][0]
        for snapshot in (
            open_snapshot(snapshots_folder(store_home), first.manifest.snapshot),
            open_latest(snapshots_folder(store_home)),
        )
    ]
    assert counts == [1, 2]


def test_without_a_store_a_refresh_is_empty_and_says_nothing_false(home):
    """No MLflow file yet: no iteration, no watermark."""
    manifest = refresh(home).manifest
    assert (manifest.iterations, manifest.watermark) == (0, "")


def test_a_draft_is_its_writers_for_as_long_as_it_lives(tmp_path):
    """However old it is; once its lock is free it is what a kill has left, however young."""
    with open_draft(tmp_path) as draft:
        os.utime(draft, (0, 0))
        remove_drafts(tmp_path)
        assert draft.exists()
        left = draft.with_name(f"{draft.name}-killed")  # as it stands when its writer is gone, and its lock with it
        left.mkdir()
        remove_drafts(tmp_path)
        assert list(tmp_path.iterdir()) == [draft]


def test_where_a_lock_tells_nothing_a_draft_is_left_behind_after_an_hour(tmp_path):
    """Made on another machine that shares the disk, or just now and not locked yet."""
    old, young, unlocked = (tmp_path / f"{DRAFT}{name}" for name in ("another-boot-1-a", "another-boot-1-b", "1-c"))
    for draft in (old, young, unlocked):
        draft.mkdir()
    instant = time.time() - DRAFT_SECONDS - 60
    os.utime(old, (instant, instant))
    remove_drafts(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, unlocked])


def test_a_disk_without_locks_takes_a_snapshot_all_the_same(tmp_path, monkeypatch):
    """Its draft has the name by which nobody asks its lock."""
    monkeypatch.setattr(drafts.fcntl, "flock", lambda *_: (_ for _ in ()).throw(OSError("no locks available")))
    with open_draft(tmp_path) as draft:
        remove_drafts(tmp_path)
        assert draft.name.startswith(f"{DRAFT}{os.getpid()}-")
        assert draft.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../secret", "nothing", "..", ".draft-1"])
def test_a_snapshot_that_is_not_there_is_said_in_plain_words(store_home, name):
    """Also one whose name would lead out of the folder."""
    record("one")
    sync(store_home)
    refresh(store_home)
    with pytest.raises(NoSnapshot, match="open the latest"):
        open_snapshot(snapshots_folder(store_home), name)


def test_no_mart_holds_a_run_id_of_mlflow(store_home):
    """A store that is deleted and shipped again has other run ids; nothing that is shown may depend on them."""
    record("one")
    sync(store_home)
    with sqlite3.connect(store_home / "mlflow.db") as store:
        runs = {run for (run,) in store.execute("select run_uuid from runs")}
    connection = refresh(store_home).connect()
    texts = {
        value for mart in MARTS for row in connection.table(mart).fetchall() for value in row if isinstance(value, str)
    }
    assert runs
    assert "one" in texts
    assert not [text for text in texts for run in runs if run in text]


def test_snapshots_are_their_owners_alone(store_home):
    """Folders 0700, files 0600."""
    record("one")
    sync(store_home)
    refresh(store_home)
    paths = [snapshots_folder(store_home), *snapshots_folder(store_home).rglob("*")]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
    assert modes == {(True, 0o700), (False, 0o600)}
