"""PM4Py reads what we export. It is AGPL, so it lives in an environment of its own and is never imported here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.loops.event_logs.ocel import write_ocel
from tracker.loops.event_logs.xes import write_xes
from tracker.loops.spans_table import open_spans

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = ROOT / ".venv-pm4py"
PINNED = "pm4py==2.7.23.11"

READING = """
import json, sys, pm4py
log = pm4py.read_xes(sys.argv[1])
ocel = pm4py.read_ocel2_json(sys.argv[2])
starts = log[log["lifecycle:transition"] == "start"]
print("ANSWER", json.dumps({
    "traces": int(log["case:concept:name"].nunique()),
    "xes_events": len(log),
    "started": starts.groupby("concept:name").size().to_dict(),
    "first": str(log["time:timestamp"].min()),
    "ocel_events": len(ocel.events),
    "ocel_objects": len(ocel.objects),
    "job_events": int((ocel.relations["ocel:type"] == "job").sum()),
}))
"""


@pytest.fixture(scope="module")
def pm4py():
    """The interpreter of an environment that has PM4Py, made at first use."""
    python = ENVIRONMENT / "bin" / "python"
    is_there = python.exists() and subprocess.run([python, "-c", "import pm4py"], capture_output=True).returncode == 0
    if not is_there:
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        install = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", PINNED]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{PINNED} cannot be installed here: {done.stderr.splitlines()[-1:]}")
    return python


@pytest.mark.exhaustive
def test_pm4py_loads_both_logs_with_every_event(pm4py, tmp_path):
    """The recorded loops of real studies: traces, events, activities and objects as the marts count them."""
    loops = open_spans(ROOT / "data" / "recorded_loops.parquet")
    xes = write_xes(loops, tmp_path / "loops.xes")
    ocel = write_ocel(loops, tmp_path / "loops.json")
    command = [pm4py, "-c", READING, tmp_path / "loops.xes", tmp_path / "loops.json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout.split("ANSWER", 1)[1])
    assert (answer["traces"], answer["xes_events"]) == (xes["traces"], xes["events"])
    assert (answer["ocel_events"], answer["ocel_objects"]) == (ocel["events"], ocel["objects"])
    marts = loops.connect()
    counted = "select name, count(*) from spans where kind in ('phase', 'job', 'stage') and started_at is not null"
    assert answer["started"] == dict(marts.sql(f"{counted} group by name").fetchall())
    ((first,),) = marts.sql("select min(started_at) from spans where kind <> 'iteration'").fetchall()
    assert answer["first"][:19] == f"{first:%Y-%m-%d %H:%M:%S}"
