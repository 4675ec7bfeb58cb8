"""Loops whose answer is known: small ones drawn by hand, and random ones with the true speedup as an argument."""

from __future__ import annotations

import numpy as np

COLUMNS = (
    "study",
    "regime",
    "iteration",
    "person",
    "span",
    "parent",
    "kind",
    "name",
    "resource",
    "enabled_at",
    "started_at",
    "ended_at",
    "after",
    "status",
    "evidence",
)
START = 1_790_000_000


class Loops:
    """Collects spans, in seconds from the start of each iteration, and hands them out as a spans table."""

    def __init__(self, *, regime="toy", person="p1", study="s"):
        self.rows, self.defaults, self.clock = [], {"regime": regime, "person": person, "study": study}, 0

    def iteration(self, spans, *, seconds=None, status="finished", **fields):
        """Adds one iteration; `spans` are made by `phase`, `job` and `stage`; `seconds` writes its own row."""
        name = fields.pop("iteration", f"i{len({row['iteration'] for row in self.rows})}")
        if seconds is not None:
            spans = [span("", "iteration", "loop", 0, seconds, status=status), *spans]
        for row in spans:
            filled = {**self.defaults, "iteration": name, "evidence": "measured", **row, **fields}
            filled["span"] = f"{name}.{row['span']}"
            filled["parent"] = row["parent"] and f"{name}.{row['parent']}"
            filled["after"] = row["after"].strip("-") and ";".join(f"{name}.{one}" for one in row["after"].split(";"))
            filled["after"] = filled["after"] or row["after"]
            for column in ("enabled_at", "started_at", "ended_at"):
                if row[column] is not None:
                    filled[column] = round((START + self.clock + row[column]) * 1_000_000)
            self.rows.append(filled)
        self.clock += 1_000_000
        return self

    def table(self):
        """The spans table, as a mapping of columns."""
        return {column: [row.get(column) for row in self.rows] for column in COLUMNS}


def span(name, kind, label, start, end, *, queued=None, after="", parent="", status="finished"):
    """One span; `queued` is when a job was enabled."""
    return {
        "span": name,
        "kind": kind,
        "name": label,
        "enabled_at": start if queued is None else queued,
        "started_at": start,
        "ended_at": end,
        "after": after,
        "parent": parent,
        "status": status,
        "resource": "machine" if kind in ("job", "stage") else "person",
    }


def phase(name, start, end, **fields):
    """A phase; its span id is its name's first word."""
    return span(fields.pop("id", name), "phase", name, start, end, **fields)


def job(name, start, end, **fields):
    """A job."""
    return span(fields.pop("id", name), "job", name, start, end, **fields)


def stage(parent, name, start, end):
    """A stage of a job."""
    return span(f"{parent}.{name}", "stage", name, start, end, parent=parent)


def one(*spans, **fields):
    """A spans table of one iteration."""
    return Loops().iteration(spans, **fields).table()


def loops_with_true_speedup(
    rng, *, speedup, estimand, n, repetitions=1, k=4.0, spread=0.8, autocorrelation=0.0, labels=None
):
    """Sequential loops in which `scale("phase:think", k)` has exactly this speedup in the population.

    Lengths are log-normal with log standard deviation `spread`, and autoregressive. For `total` the share of thinking
    is uniform and independent of the length, with the mean that gives the speedup; for `geometric_mean` the log gain of
    an iteration is uniform with mean log(speedup). Each repetition is a regime of its own, so one table holds a whole
    simulation.
    """
    size = np.exp(spread * _autoregressive(rng, repetitions, n, autocorrelation))
    draw = _uniform(_autoregressive(rng, repetitions, n, autocorrelation))
    if estimand == "total":
        share = 2 * draw * (1 - 1 / speedup) / (1 - 1 / k)
    else:
        share = (1 - np.exp(-2 * draw * np.log(speedup))) / (1 - 1 / k)
    assert share.max() <= 1, "no share of thinking gives so large a speedup; take a larger k"
    think, rest = (np.round(size * part * 3.6e9).astype(np.int64).ravel() for part in (share, 1 - share))
    begun = (START + 1_000_000 * np.arange(n * repetitions)) * 1_000_000
    number = np.arange(n * repetitions)
    regime = np.repeat(labels or [f"r{i}" for i in range(repetitions)], n)
    return _interleave(begun, think, rest, number, regime)


def _interleave(begun, think, rest, number, regime):
    starts = np.concatenate([begun, begun + think])
    return {
        "study": np.full(2 * number.size, "s"),
        "regime": np.tile(regime, 2),
        "iteration": np.tile(number.astype(str), 2),
        "person": np.full(2 * number.size, "p1"),
        "span": np.arange(2 * number.size).astype(str),
        "kind": np.full(2 * number.size, "phase"),
        "name": np.repeat(["think", "rest"], number.size),
        "enabled_at": starts,
        "started_at": starts,
        "ended_at": np.concatenate([begun + think, begun + think + rest]),
    }


def _autoregressive(rng, repetitions, n, coefficient, warm_up=50):
    shocks = rng.standard_normal((repetitions, n + warm_up))
    values = shocks.copy()
    for t in range(1, n + warm_up):
        values[:, t] = coefficient * values[:, t - 1] + np.sqrt(1 - coefficient**2) * shocks[:, t]
    return values[:, warm_up:]


def _uniform(normal):
    from scipy.special import ndtr

    return ndtr(normal)
