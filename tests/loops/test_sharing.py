"""What a team sees: no person, no free text, five people in each group; read from a folder or a bucket."""

import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from tracker.cli import main
from tracker.loops.marts import MARTS
from tracker.loops.shared_store import share, take_shared
from tracker.loops.sharing import make_shareable
from tracker.loops.snapshots import NoSnapshot, open_latest, snapshots_folder
from tracker.loops.spans_table import open_spans
from tracker.loops.store import StoreError

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
TEXTS = ("study", "regime", "iteration", "person", "span", "parent", "kind", "name", "after", "reason", "choice")
MORE = ("options", "config", "device", "tool.cache", "mood")
TIMES = ("enabled_at", "started_at", "ended_at")
SCHEMA = pa.schema([*((name, pa.string()) for name in (*TEXTS, *MORE)), *((name, INSTANT) for name in TIMES)])
SECRET = "SECRET"


def iteration_of(person, study, arm=""):
    """Returns the spans of one iteration, with a secret wherever somebody could have typed one."""
    name = f"{study}-{person}-{SECRET}"
    common = {"study": study, "regime": "real", "iteration": name, "person": person, "tool.cache": arm, "mood": SECRET}

    def span(ending, kind, label, start, end, **given):
        instants = [NOON + timedelta(seconds=value) for value in (start, start, end)]
        row = {**common, "span": f"{name}.{ending}", "parent": "", "kind": kind, "name": label, "after": ""}
        return row | dict(zip(TIMES, instants, strict=True)) | given

    return [
        span(0, "iteration", SECRET, 0, 90),
        span(1, "phase", "think", 0, 10),
        span(2, "job", "train", 10, 60, after=f"{name}.1", config=f'{{"path": "{SECRET}"}}', device="cuda:0"),
        span(3, "stage", f"load {SECRET} {person}", 10, 30, parent=f"{name}.2"),
        span(4, "decision", SECRET, 80, 80, reason=SECRET, choice=SECRET, options=f'["{SECRET}"]'),
    ]


@pytest.fixture
def snapshot(tmp_path):
    """Five people in one study, of whom four tried the tool, and four in another."""
    rows = [row for n in range(5) for row in iteration_of(f"p-{n}{SECRET}", "large", "changed" if n else "baseline")]
    rows += [row for n in range(4) for row in iteration_of(f"p-{n}{SECRET}", "small")]
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / "given.parquet")
    return open_spans(tmp_path / "given.parquet")


def test_no_person_and_no_free_text_is_in_any_file_that_is_shared(snapshot, tmp_path):
    """The secret stands in persons, ids, names, reasons, choices, options, configs and unknown columns; and in none."""
    shared = make_shareable(snapshot, tmp_path / "shared").snapshot
    marts = shared.connect()
    shown = "".join(str(marts.table(mart).fetchall()) for mart in MARTS) + str(
        pq.read_schema(shared.path("spans")).names
    )
    assert "train" in shown
    assert "think" in shown
    assert SECRET not in shown
    assert "mood" not in shown
    assert marts.sql("select distinct name from spans where kind = 'stage'").fetchall() == [("other",)]


def test_a_group_of_four_is_held_back_and_one_of_five_is_shared_with_the_same_seconds(snapshot, tmp_path):
    """Nine iterations are recorded, the four of the small study are not shared; an arm of four is not recorded."""
    shareable = make_shareable(snapshot, tmp_path / "shared")
    marts = shareable.snapshot.connect()
    query = "select study, count(*), sum(active_seconds), sum(waiting_seconds) from iterations group by study"
    assert (shareable.held_back, marts.sql(query).fetchall()) == (4, [("large", 5, 50.0, 250.0)])
    assert marts.sql("select count(*) from arms").fetchall() == [(0,)]
    joined = "select count(*) from spans as job join spans as phase on job.after = phase.span and phase.kind = 'phase'"
    assert marts.sql(joined).fetchall() == [(5,)]


def test_a_team_home_shows_what_was_published_to_a_folder(snapshot, tmp_path, monkeypatch, capsys):
    """Published from one home and read by another by the commands; a second refresh there brings the newer one."""
    own, team, folder = tmp_path / "own", tmp_path / "team", tmp_path / "for the team"
    (own / "imports").mkdir(parents=True)
    (own / "imports" / "spans-x.parquet").write_bytes((tmp_path / "given.parquet").read_bytes())
    monkeypatch.setenv("TRACKER_HOME", str(own))
    assert main(["refresh", "--publish", str(folder)]) == 0
    assert "published 5 of them" in capsys.readouterr().out
    monkeypatch.setenv("TRACKER_HOME", str(team))
    assert main(["refresh", "--from", str(folder)]) == 0
    assert main(["refresh"]) == 0
    assert open_latest(snapshots_folder(team)).manifest.iterations == 5
    monkeypatch.setenv("TRACKER_HOME", str(own))
    assert main(["refresh", "--from", str(folder)]) != 0
    assert "records of its own" in capsys.readouterr().err


def test_an_older_reading_does_not_take_the_latest_of_a_team_back(snapshot, tmp_path):
    """Two publishers: what was read first does not replace what was read later."""
    newer, older = make_shareable(snapshot, tmp_path / "a").snapshot, snapshot
    share(newer, str(tmp_path / "team"), 2)
    share(older, str(tmp_path / "team"), 1)
    assert take_shared(str(tmp_path / "team"), tmp_path / "cache").manifest == newer.manifest


def test_where_nothing_was_published_that_is_said(tmp_path):
    """With the command that publishes."""
    with pytest.raises(NoSnapshot, match="--publish"):
        take_shared(str(tmp_path / "team"), tmp_path / "cache")


@pytest.fixture
def bucket(monkeypatch):
    """A bucket of a real S3 server on this machine, as an address with its credentials in the environment."""
    pytest.importorskip("moto", reason="moto, the S3 server of this test, is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert any("Running on" in line for line in server.stderr)
        address = f"?scheme=http&endpoint_override=127.0.0.1:{port}&region=us-east-1&allow_bucket_creation=true"
        files, _ = pyarrow.fs.FileSystem.from_uri(f"s3://loops{address}")
        files.create_dir("loops")
        yield f"s3://loops/team{address}"
    finally:
        server.kill()
        server.wait()
        server.stderr.close()


def test_a_team_reads_what_was_published_to_a_bucket(snapshot, tmp_path, bucket):
    """Through S3's own protocol: the same files byte for byte, and nothing is fetched twice."""
    shared = make_shareable(snapshot, tmp_path / "shared").snapshot
    share(shared, bucket, 1)
    taken = take_shared(bucket, tmp_path / "cache")
    assert taken.manifest == shared.manifest
    assert [taken.path(mart).read_bytes() for mart in MARTS] == [shared.path(mart).read_bytes() for mart in MARTS]
    changed = taken.path("daily").stat().st_mtime_ns
    assert take_shared(bucket, tmp_path / "cache").path("daily").stat().st_mtime_ns == changed


def test_a_bucket_that_there_is_not_is_said_without_its_credentials(tmp_path, bucket):
    """The address is shown, what is secret in it is not."""
    address = bucket.replace("s3://loops/", "s3://user:hush@nowhere/")
    with pytest.raises((StoreError, NoSnapshot)) as refused:
        take_shared(address, tmp_path / "cache")
    assert "nowhere" in str(refused.value)
    assert "hush" not in str(refused.value)
