"""Files that W&B and TensorBoard wrote themselves (recorded/README.md), and files that nobody would write."""

import contextlib
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.importers import tensorboard_runs, wandb_runs
from tracker.importers.bad_rows import BadValue

RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture
def wandb_folder(tmp_path):
    return shutil.copytree(RECORDED / "wandb", tmp_path / "wandb")


def test_offline_runs_start_and_end_when_wandb_says(imports, wandb_folder):
    """Started 03:33:37.861938; the last `_timestamp` is 1795491218.9745684. The project is the study."""
    code, said = imports.run("wandb", wandb_folder)
    assert (code, said["rows"], said["jobs"], said["iterations"], said["bad_rows"]) == (0, 3, 3, 1, 0)
    query = "select name, status, epoch_us(started_at), epoch_us(ended_at), study from jobs order by started_at"
    ok, fail, kill = imports.rows(query)
    assert ok[:4] == ("topk-ok", "finished", 1_795_491_217_861_938, 1_795_491_218_974_568)
    assert (fail[:2], kill[:2]) == (("topk-fail", "failed"), ("topk-kill", "killed"))
    assert {row[4] for row in (ok, fail, kill)} == {"sae-toy"}
    assert kill[3] > kill[2]
    assert imports.rows("select distinct evidence from iterations") == [("imported",)]


def test_nothing_but_start_and_end_is_taken(imports, wandb_folder):
    """No metric, no host, no version of anything is in what was kept."""
    imports.run("wandb", wandb_folder)
    stored = b"".join(path.read_bytes() for path in (imports.home / "imports").glob("*.parquet"))
    assert not [word for word in (b"loss", b"3.11.7", b"linux", b"0.31.0") if word in stored]


def test_a_run_killed_before_its_first_record_is_set_aside(imports, wandb_folder):
    """W&B leaves seven bytes then; and a file of something else is no run either."""
    (wandb_folder / "early.wandb").write_bytes(b":W&B\xe1\xbe\x00")
    (wandb_folder / "other.wandb").write_bytes(b"<html>")
    said = imports.run("wandb", wandb_folder)[1]
    reasons = {row["row"]: row["reason"] for row in said["first_bad_rows"]}
    assert (said["jobs"], said["bad_rows"]) == (3, 2)
    assert "killed before its first record" in reasons['"early.wandb"']
    assert "does not begin as a file of W&B" in reasons['"other.wandb"']


def test_tensorboard_events_give_start_and_end(imports):
    """The first event is the file's own, the last 41 s later; the run is named for its folder."""
    code, said = imports.run("tensorboard", RECORDED / "tensorboard", "--study", "s", "--person", "ann")
    assert (code, said["jobs"], said["bad_rows"]) == (0, 1, 0)
    ((name, status, length),) = imports.rows("select name, status, job_length_seconds from jobs")
    assert (name, status) == ("run-a", "finished")
    assert 40 < length < 42
    assert imports.rows("select starts_with(person, 'p-') from iterations") == [(True,)]


@pytest.mark.parametrize(
    ("reader", "path"),
    [
        (wandb_runs, next((RECORDED / "wandb").rglob("*runok.wandb"))),
        (tensorboard_runs, next((RECORDED / "tensorboard").rglob("*tfevents*"))),
    ],
)
def test_a_file_may_end_anywhere(tmp_path, reader, path):
    """Every prefix is read, or said to tell of no run; none ends later than the whole."""
    whole = path.read_bytes()
    end = reader.read_run(path)["ended_us"]
    torn = tmp_path / path.name
    read = 0
    for size in range(0, len(whole), 7):
        torn.write_bytes(whole[:size])
        try:
            assert reader.read_run(torn)["ended_us"] <= end
            read += 1
        except BadValue:
            pass
    assert read > 0


@settings(max_examples=60, deadline=None)
@given(place=st.integers(7, 1_200), junk=st.binary(min_size=1, max_size=40))
def test_damage_never_crashes_a_reader(tmp_path_factory, place, junk):
    """Any bytes overwritten: a record of a run, or a bad value with its reason, and nothing else is raised."""
    for reader, found in ((wandb_runs, "wandb/*runok/*"), (tensorboard_runs, "tensorboard/*/*")):
        whole = bytearray(next(RECORDED.glob(found)).read_bytes())
        at = place % len(whole)
        whole[at : at + len(junk)] = junk
        damaged = tmp_path_factory.mktemp("damaged") / "run.wandb"
        damaged.write_bytes(whole)
        with contextlib.suppress(BadValue):
            run = reader.read_run(damaged)
            assert 0 <= run["started_us"] <= run["ended_us"]


def test_a_record_without_checksum_trouble_and_without_sense_is_a_reason(tmp_path):
    """Framed as it should be, and no protobuf: a length that leads out of the record."""
    payload = b"\x8a\x01\xff\xff\xff\x0f"
    checksum = zlib.crc32(payload, zlib.crc32(b"\x01"))
    path = tmp_path / "x.wandb"
    path.write_bytes(b":W&B\xe1\xbe\x00" + struct.pack("<IHB", checksum, len(payload), 1) + payload)
    with pytest.raises(BadValue, match="is damaged: ends within a field"):
        wandb_runs.read_run(path)


def test_a_folder_without_runs_is_said_in_plain_words(imports, tmp_path):
    """Nothing is left behind."""
    assert imports.run("wandb", tmp_path)[0] == 1
    assert "no file named *.wandb" in imports.error
    assert imports.run("tensorboard", tmp_path / "nowhere")[0] == 1
    assert "no folder at" in imports.error
    assert imports.left_behind() == []
