"""`measure` reads a spans table too: one row per iteration is made of it."""

import pytest

from tracker.speedup import measure
from tracker.speedup.measured.spans_as_rows import iterations_of
from tracker.speedup.sources import read_table

COLUMNS = ("iteration", "span", "kind", "name", "started_at", "ended_at", "status", "tool.cache", "person")
MICROSECONDS = 1_000_000


def spans_table(rows):
    """A mapping of columns; instants are given in seconds, None for no end."""
    table = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    for name in ("started_at", "ended_at"):
        table[name] = [None if value is None else value * MICROSECONDS for value in table[name]]
    return table


def iteration(number, arm, *, ended=True, own_row=True):
    """A phase of 60 s and a job of 40 s + 10 s for each further number; open iterations lack the job's end."""
    begin, end = number * 1000, number * 1000 + 100 + 10 * number
    status = "finished" if ended else "open"
    job_end = end if ended else None
    spans = [
        (f"i{number}", f"{number}p", "phase", "think", begin, begin + 60, "finished", arm, "p"),
        (f"i{number}", f"{number}j", "job", "train", begin + 60, job_end, status, arm, "p"),
    ]
    own = (f"i{number}", f"{number}i", "iteration", "try", begin, job_end, status, arm, "p")
    return [own, *spans] if own_row else spans


@pytest.mark.parametrize("own_row", [True, False])
def test_an_iteration_reaches_over_its_spans(own_row):
    """With and without a row of its own: 110 s and 120 s, and an open one to its last event at 60 s."""
    rows = [*iteration(1, "baseline", own_row=own_row), *iteration(2, "changed", own_row=own_row)]
    rows += iteration(3, "changed", ended=False, own_row=own_row)
    found = iterations_of(read_table(spans_table(rows), what="t", remedy=""))
    assert found["elapsed_seconds"].tolist() == [110, 120, 60]
    assert found["status"] == ["finished", "finished", "open"]
    assert found["tool.cache"] == ["baseline", "changed", "changed"]


def test_a_spans_table_is_measured_by_its_tool_column():
    """Odd numbers are changed: mean of 100 + 10 k over even and odd numbers."""
    rows = [row for number in range(10) for row in iteration(number, "changed" if number % 2 else "baseline")]
    result = measure(spans_table(rows), arm="tool.cache", baseline="baseline", seconds="elapsed_seconds")["total"]
    assert result.speedup == pytest.approx((100 + 40) / (100 + 50))
    assert (result.n, result.n_people) == (10, 1)
