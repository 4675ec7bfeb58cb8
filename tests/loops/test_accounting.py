"""Every second is accounted for, on any spans at all: against a second implementation that knows no running sums."""

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.loops.build import build
from tracker.loops.spans_table import open_spans, read_spans_table
from tracker.loops.store import nothing_recorded

RECORDED = Path(__file__).resolve().parent.parent.parent / "data" / "recorded_loops.parquet"
MILLISECOND = 1_000
NOON_US = 1_772_452_800_000_000
INSTANT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("study", "iteration", "person", "span", "parent", "kind", "name")),
        *((name, INSTANT) for name in ("enabled_at", "started_at", "ended_at")),
    ]
)
PARTS = """select study, iteration, elapsed_seconds, active_seconds, waiting_seconds, overlapped_seconds,
           unattributed_seconds from iterations"""


def span(number, study, iteration, kind, enabled, started, ended):
    """Returns a span; instants are milliseconds after noon, None where there is none."""
    times = {"enabled_at": enabled, "started_at": started, "ended_at": ended}
    given = {key: None if value is None else NOON_US + value * MILLISECOND for key, value in times.items()}
    words = {"study": study, "iteration": iteration, "kind": kind, "span": f"{number}", "name": kind, "parent": ""}
    return {**words, "person": "p", **given}


def build_marts(folder, spans):
    path = folder / "spans.parquet"
    pq.write_table(pa.Table.from_pylist(spans, SCHEMA), path)
    return build(nothing_recorded(), [read_spans_table(path)])


@st.composite
def any_spans(draw):
    """Draws spans in any order: overlapping, nested, without a length, an end, a start or an iteration's own row."""
    spans = []
    for study, iteration in (("s", "i"), ("s", "j"), ("t", "i")):
        if draw(st.booleans()):
            begin, length = draw(st.integers(0, 3_000)), draw(st.none() | st.integers(0, 5_000))
            spans.append((study, iteration, "iteration", begin, begin, None if length is None else begin + length))
        for _ in range(draw(st.integers(0, 6))):
            kind = draw(st.sampled_from(["phase", "job", "job", "decision", "stage"]))
            enabled, started, ended = sorted(draw(st.tuples(*[st.integers(0, 6_000)] * 3)))
            if kind not in ("job", "phase") or draw(st.booleans()):
                enabled = started
            if draw(st.integers(0, 3)) == 0:
                ended = None
            if kind == "job" and draw(st.integers(0, 4)) == 0:
                started = None
            if kind == "decision":
                ended = started
            spans.append((study, iteration, kind, enabled, started, ended))
    in_order = draw(st.permutations(spans))
    return [span(number, *values) for number, values in enumerate(in_order)]


def naive_parts(spans):
    """The definitions of the four parts word for word, between every two neighbouring instants; milliseconds."""
    found = {}
    for key in {(one["study"], one["iteration"]) for one in spans}:
        own = [one for one in spans if (one["study"], one["iteration"]) == key]
        (begin, end) = naive_bounds(own)
        cuts = sorted({begin, end, *(time for one in own for time in times_of(one) if begin < time < end)})
        parts = dict.fromkeys(("active", "waiting", "overlapped", "unattributed"), 0)
        for since, until in pairwise(cuts):
            has_phase, has_job = (any(covers(one, kind, since, until) for one in own) for kind in ("phase", "job"))
            name = {(True, True): "overlapped", (True, False): "active", (False, True): "waiting"}
            parts[name.get((has_phase, has_job), "unattributed")] += until - since
        found[key] = (end - begin, *parts.values())
    return found


def naive_bounds(own):
    rows = [one for one in own if one["kind"] == "iteration"]
    last = max(max(times_of(one)) for one in own)
    begin = min(times_of(one)[0] for one in own)
    if not rows:
        return begin, last
    (row,) = rows
    begin = row["started_at"]
    return begin, max(begin, last if row["ended_at"] is None else row["ended_at"])


def times_of(one):
    """The instants of a span; what began is known until it ends, and one without an end until its last instant."""
    times = [one[name] for name in ("enabled_at", "started_at", "ended_at")]
    return [time for time in times if time is not None]


def covers(one, kind, since, until):
    is_open = one["ended_at"] is None
    return one["kind"] == kind and one["enabled_at"] <= since and (is_open or one["ended_at"] >= until)


@settings(max_examples=60, deadline=None)
@given(spans=any_spans())
def test_four_parts_are_what_they_are_said_to_be_on_any_spans(tmp_path_factory, spans):
    """To the millisecond, and they add up to elapsed; the order of the rows does not matter."""
    built = build_marts(tmp_path_factory.mktemp("spans"), spans)
    rows = built.connection.sql(PARTS).fetchall()
    found = {row[:2]: tuple(round(seconds * 1_000, 6) for seconds in row[2:]) for row in rows}
    assert found == {key: tuple(value / MILLISECOND for value in parts) for key, parts in naive_parts(spans).items()}
    assert all(sum(parts) == pytest.approx(elapsed, abs=1e-6) for elapsed, *parts in found.values())


@settings(max_examples=25, deadline=None)
@given(spans=any_spans())
def test_named_stretches_add_up_to_the_parts_on_any_spans(tmp_path_factory, spans):
    """The mart `phase_totals`, part by part."""
    built = build_marts(tmp_path_factory.mktemp("spans"), spans)
    query = """select study, iteration, coalesce(sum(total_seconds) filter (part = 'active'), 0),
               coalesce(sum(total_seconds) filter (part = 'waiting'), 0) from phase_totals group by 1, 2"""
    named = {row[:2]: row[2:] for row in built.connection.sql(query).fetchall()}
    rows = built.connection.sql("select study, iteration, active_seconds, waiting_seconds from iterations").fetchall()
    assert all(named.get(row[:2], (0, 0)) == pytest.approx(row[2:], abs=1e-9) for row in rows)


@pytest.mark.parametrize("study", ["all", "each"])
def test_littles_law_holds_on_the_recorded_loops(study):
    """L = lambda W within 1 %: jobs in the system, averaged over time, against arrivals per second times their stay.

    L is counted by a sweep over the jobs' own instants, lambda and W come from the mart. J. D. C. Little, A proof for
    the queuing formula L = lambda W, Operations Research 9 (1961), theorem 1.
    """
    marts = open_spans(RECORDED).connect()
    groups = [("",)] if study == "all" else marts.sql("select distinct study from jobs").fetchall()
    for (name,) in groups:
        jobs = marts.table("jobs").filter(f"study = '{name}'" if name else "true")
        stays = jobs.project("epoch_us(enabled_at), epoch_us(ended_at)").fetchall()
        begin, end = min(enabled for enabled, _ in stays), max(ended for _, ended in stays)
        changes = sorted([(enabled, 1) for enabled, _ in stays] + [(ended, -1) for _, ended in stays])
        present, area = 0, 0
        for (at, change), (following, _) in pairwise(changes):
            present += change
            area += present * (following - at)
        ((arrivals, stay),) = jobs.aggregate("count(*), avg(queue_seconds + job_length_seconds)").fetchall()
        seconds = (end - begin) / 1e6
        assert area / (end - begin) == pytest.approx(arrivals / seconds * stay, rel=0.01)
