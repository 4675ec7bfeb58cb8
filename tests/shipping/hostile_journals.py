"""Journals that no hook would write: any events in any order, with any values, and any damage to the bytes."""

import json

from hypothesis import strategies as st

from tracker.capture.journal import frame

ITERATIONS = ("01a20b385124000000cfd78847e2", "01a20b385124000001cfd78847e2")
SPANS = ("s1", "s2", "s3", "s4", "s1.1", ITERATIONS[0], f"{ITERATIONS[0]}.gap0")
SEGMENTS = ("a", "b", "c")
SECOND_NS = 1_000_000_000
BEGAN_NS = 1_767_225_600 * SECOND_NS
KINDS = (
    *("iteration_started", "iteration_ended", "iteration_resumed", "iteration_reopened", "slept", "tracker_failed"),
    *("phase_started", "phase_ended", "job_enabled", "job_started", "job_ended", "stage_started", "stage_ended"),
    *("cell_started", "cell_ended", "gpu_timed", "decided", "segment_opened", "of_a_newer_version"),
)
RULE = {"longest_hours": 2, "shortest_seconds": 1, "work_days": "Mon-Sun", "work_hours": "0-24", "long_cell_seconds": 5}

HOSTILE = (
    *(None, True, False, 0, -1, 2**31, 2**63, -(2**63), 10**400, 0.5, float("nan"), float("inf"), -1e308),
    *("", "\0", "\ud800", "é\n\x1b[2J", "🙂", "../../x", "<b>", "'; drop table runs; --", "x" * 9_000, "s1", "a"),
    *([], {}, [1], {"a": 1}, [[[]]], {"": {"": []}}, ["\0", "\ud800", None]),
)
VALUES = {
    **dict.fromkeys(("span", "parent", "suspends", "after"), SPANS),
    "name": ("think", "train", ""),
    "status": ("finished", "failed", "killed"),
    "timed_by": ("host", "cuda_event"),
    "study": ("s", "t"),
    "tools": ({"cache": "changed"},),
    "config": ({"k": 32},),
    "gap_rule": (RULE,),
    "forecast_seconds": (60.0,),
    "schema": (1,),
    "boot": ("boot-1", "boot-2"),
    "joined": SEGMENTS,
    "segment": SEGMENTS,
    "gang": ("g",),
    "rank": (0, 1, 2, 3),
    "ranks": (4,),
    "restarts": (0, 1, 2),
}
seconds = st.integers(-3, 100) | st.sampled_from((0.5, 86_400, 10**6, -(10**6)))
instants = seconds.map(lambda one: max(0, BEGAN_NS + int(one * SECOND_NS)))
lengths = seconds.map(lambda one: abs(int(one * SECOND_NS)))
FIELDS = {
    **{key: st.sampled_from(values) for key, values in VALUES.items()},
    **dict.fromkeys(("since_wall_ns", "enabled_wall_ns"), instants),
    **dict.fromkeys(("slept_ns", "started_mono_ns", "ended_mono_ns"), lengths),
}
OF_OPENINGS = ("boot", "joined", "gang", "rank", "restarts")


@st.composite
def events(draw):
    """One event: mostly as the hook would write it, with any fields left out, foreign, or of the wrong type."""
    at = draw(seconds)
    step = draw(st.sampled_from((0, 0, 0, 3_600, -3_600)))
    event = {
        "wall_ns": max(0, BEGAN_NS + int((at + step) * SECOND_NS)),
        "mono_ns": max(0, int((at + 10) * SECOND_NS)),
        "event": draw(st.sampled_from(KINDS)),
        "iteration": draw(st.sampled_from((ITERATIONS[0],) * 5 + (ITERATIONS[1],))),
        "span": draw(FIELDS["span"]),
    }
    event |= {key: draw(FIELDS[key]) for key in draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=4))}
    for key in draw(st.lists(st.sampled_from(sorted({*event, *FIELDS})), max_size=1)):
        event[key] = draw(st.sampled_from(HOSTILE))
    return event


@st.composite
def openings(draw):
    """What a segment begins with: clocks of one boot or another, ranks, children of other segments."""
    fields = draw(st.lists(st.sampled_from(OF_OPENINGS), max_size=3))
    event = {"event": "segment_opened", "wall_ns": BEGAN_NS, "mono_ns": 10 * SECOND_NS, "boot": "boot-1"}
    return event | {key: draw(FIELDS[key]) for key in fields}


@st.composite
def stories(draw):
    """Segments as lists of events, by name; mostly with an iteration that begins."""
    told = {name: [draw(openings())] for name in SEGMENTS[: draw(st.integers(1, 3))]}
    if draw(st.integers(0, 9)):
        began = {"event": "iteration_started", "iteration": ITERATIONS[0], "name": "one", "study": "s"}
        told["a"].append(began | {"wall_ns": BEGAN_NS, "mono_ns": 10 * SECOND_NS})
    for event in draw(st.lists(events(), max_size=14)):
        told[draw(st.sampled_from(sorted(told)))].append(event)
    return told


def framed(story):
    """Returns the records of each segment of a story."""
    return {name: [frame(json.dumps(event)) for event in told] for name, told in story.items()}


@st.composite
def damaged(draw, story):
    """Returns the bytes of each segment after damage, and by segment the places of the records that it spared.

    Between any two records there may be garbage or a torn record, bytes may be flipped, and the end may be cut off.
    """
    contents, spared = {}, {}
    for name, records in framed(story).items():
        pieces, kept = [], []
        for place, record in enumerate(records):
            harm = draw(st.sampled_from(("none",) * 5 + ("flip", "cut", "garbage", "torn", "feed")))
            if harm in ("none", "garbage", "torn", "feed"):
                kept.append(place)
            pieces.append(draw(_harmed(record, harm)))
        data = b"".join(pieces)
        if draw(st.booleans()) and kept and kept[-1] == len(records) - 1:
            data = data[: len(data) - draw(st.integers(1, len(records[-1])))]
            kept.pop()
        contents[name], spared[name] = data, kept
    return contents, spared


@st.composite
def _harmed(draw, record, harm):
    if harm == "flip":
        place = draw(st.integers(0, len(record) - 2))  # the line feed between two records may go without harm
        return record[:place] + bytes([record[place] ^ draw(st.integers(1, 255))]) + record[place + 1 :]
    if harm == "cut":
        return record[: draw(st.integers(0, len(record) - 2))]
    if harm == "garbage":
        return draw(st.binary(max_size=40)) + b"\n" + record
    if harm == "torn":
        return record[: draw(st.integers(0, len(record) - 2))] + record
    return b"\n" + record if harm == "feed" else record


def random_story(rng):
    """A story whose clocks mostly go on, so that more of it means something than of one that hypothesis draws."""
    told = {name: [_random_opening(rng)] for name in SEGMENTS[: rng.randint(1, 3)]}
    if rng.random() < 0.9:
        began = {"event": "iteration_started", "iteration": ITERATIONS[0], **_stamp(0)}
        told["a"].append(began | {key: _value(rng, key) for key in ("gap_rule", "since_wall_ns") if rng.random() < 0.4})
    at = 0
    for _ in range(rng.randint(0, 25)):
        at = at + rng.choice((0, 1, 2, 5)) if rng.random() < 0.9 else _seconds(rng)
        event = {"event": rng.choice(KINDS), "iteration": rng.choice((ITERATIONS[0],) * 9 + (ITERATIONS[1],))}
        event |= {"span": rng.choice(SPANS), **_stamp(at, rng.choice((0,) * 8 + (3_600, -3_600)))}
        event |= {key: _value(rng, key) for key in FIELDS if rng.random() < 0.15}
        if rng.random() < 0.1:
            event[rng.choice(sorted(FIELDS))] = rng.choice(HOSTILE)
        if rng.random() < 0.05:
            del event[rng.choice(sorted(event))]
        told[rng.choice(sorted(told))].append(event)
    return told


def gigantic_story(size):
    """One iteration with so many of everything that a reader might compare with everything else."""
    told = {name: [{"event": "segment_opened", "boot": "boot-1", **_stamp(0)}] for name in ("a", "b")}
    told["b"][0]["joined"] = "a"
    own = {"iteration": ITERATIONS[0]}
    told["a"].append({"event": "iteration_started", "gap_rule": RULE, **own, **_stamp(0)})
    for number in range(size):
        at = 10 * number
        told["a"] += [
            {"event": "job_enabled", "span": f"q{number}", "name": "train", **own, **_stamp(at)},
            {"event": "job_started", "span": f"j{number}", "name": "train", **own, **_stamp(at + 1)},
            {"event": "phase_started", "span": f"p{number}", "name": "think", **own, **_stamp(at + 2)},
            {"event": "phase_ended", "span": f"p{number}", **own, **_stamp(at + 4)},
            {"event": "slept", "slept_ns": SECOND_NS, **own, **_stamp(at + 5)},
            {"event": "job_ended", "span": f"j{number}", **own, **_stamp(at + 6)},
        ]
        told["b"] += [
            {"event": "job_started", "span": f"c{number}", "name": "train", **own, **_stamp(at + 7)},
            {"event": "job_ended", "span": f"c{number}", **own, **_stamp(at + 8)},
        ]
    return told


def _random_opening(rng):
    opening = {"event": "segment_opened", "boot": "boot-1", **_stamp(0)}
    return opening | {key: _value(rng, key) for key in OF_OPENINGS if rng.random() < 0.25}


def _stamp(at, step=0):
    """Both clocks at an instant, the wall clock set ahead by some seconds."""
    return {
        "wall_ns": max(0, BEGAN_NS + int((at + step) * SECOND_NS)),
        "mono_ns": max(0, int((at + 10) * SECOND_NS)),
    }


def _seconds(rng):
    return rng.choice((rng.randint(-3, 30), 30 * rng.random(), 86_400, 10**6, -(10**6), 2**62 / SECOND_NS))


def _value(rng, key):
    if key == "slept_ns":
        return abs(int(_seconds(rng) * SECOND_NS))
    if key in ("since_wall_ns", "enabled_wall_ns"):
        return _stamp(_seconds(rng))["wall_ns"]
    if key in ("started_mono_ns", "ended_mono_ns"):
        return _stamp(_seconds(rng))["mono_ns"]
    return rng.choice(VALUES[key])
