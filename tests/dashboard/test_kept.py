"""Results that are kept: made once, found again by another process, and never those of other code."""

import threading

import pytest

from tracker.dashboard import kept
from tracker.loops.snapshots import Manifest, Snapshot


@pytest.fixture
def snapshot(tmp_path):
    folder = tmp_path / "snapshots" / "20260301T000000Z-abc"
    folder.mkdir(parents=True)
    return Snapshot(folder, Manifest(folder.name, "", 1, {}))


def begin(monkeypatch):
    """A server that has just begun: nothing in memory."""
    memory = kept.Kept()
    monkeypatch.setattr(kept, "_kept", lambda: memory)


@pytest.fixture
def fresh(monkeypatch):
    begin(monkeypatch)


def counted(made):
    def make():
        made.append(1)
        return {"speedup": 2.0}

    return make


def test_a_result_is_made_once_for_all_viewers(snapshot, fresh):
    """Eight threads that want one result at once get the one that the first of them made."""
    made, found = [], []
    work = [threading.Thread(target=lambda: found.append(kept.keep(snapshot, ("x",), counted(made)))) for _ in range(8)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert found == [{"speedup": 2.0}] * 8
    assert len(made) == 1


def test_the_next_server_finds_what_the_last_one_made(snapshot, monkeypatch):
    """With an empty memory the file beside the snapshots answers; it is the owner's alone."""
    made = []
    for _ in range(2):
        begin(monkeypatch)
        assert kept.keep(snapshot, ("x", 1), counted(made)) == {"speedup": 2.0}
    files = list((snapshot.folder / "estimates").iterdir())
    assert len(made) == 1
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600]


@pytest.mark.parametrize("damage", [b"", b"not a pickle"])
def test_a_damaged_file_is_made_anew(snapshot, monkeypatch, damage):
    """Half a file is no result, and no error either."""
    made = []
    for _ in range(2):
        begin(monkeypatch)
        kept.keep(snapshot, ("x",), counted(made))
        for file in (snapshot.folder / "estimates").iterdir():
            file.write_bytes(damage)
    assert len(made) == 2


def test_other_settings_and_other_code_have_results_of_their_own(snapshot, monkeypatch, fresh):
    """A number of another version of the estimators must not be shown as one of this."""
    made = []
    kept.keep(snapshot, ("x", 0.95), counted(made))
    kept.keep(snapshot, ("x", 0.9), counted(made))
    monkeypatch.setattr(kept, "code_digest", lambda: "another")
    kept.keep(snapshot, ("x", 0.95), counted(made))
    assert len(made) == 3


def test_files_are_bounded_and_go_with_their_snapshot(snapshot, monkeypatch, fresh):
    """No more files than allowed, all in the snapshot's own folder, which `delete` removes as a whole."""
    monkeypatch.setattr(kept, "MOST_FILES", 2)
    for what in range(4):
        kept.keep(snapshot, (what,), counted([]))
    assert len(list((snapshot.folder / "estimates").iterdir())) == 2
    assert [path.name for path in snapshot.folder.parents[1].iterdir()] == ["snapshots"]


def test_a_table_that_was_only_looked_at_leaves_no_file(tmp_path, fresh):
    """The recorded sample is built in a temporary folder that is no home."""
    sample = Snapshot(tmp_path, Manifest("sample", "", 1, {}))
    assert kept.keep(sample, ("x",), counted([])) == {"speedup": 2.0}
    assert list(tmp_path.iterdir()) == []
