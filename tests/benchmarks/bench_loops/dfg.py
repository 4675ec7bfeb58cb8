"""Times one way to the performance DFG of an event log: `python dfg.py duckdb|pandas|pm4py LOG FEW`.

Run as a file and not as a module, because PM4Py (AGPL) lives in an environment of its own that has nothing of ours.
Printed as JSON: seconds for reading and counting, processor seconds, and the answer as [from, to, times, mean seconds].
"""

import contextlib
import io
import json
import sys
import time
from pathlib import Path


def with_duckdb(path):
    """The SQL over the Parquet file."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.read_parquet(path).create_view("events")
    query = Path(__file__).with_name("dfg.sql").read_text(encoding="utf-8")
    return [list(row) for row in connection.sql(query).fetchall()]


def with_pandas(path):
    """What one would write by hand: shift within the trace, and group."""
    import pandas as pd

    events = pd.read_parquet(path).sort_values(["trace", "happened_at", "place"], kind="stable")
    following = events.groupby("trace", sort=False)[["activity", "happened_at"]].shift(-1)
    events["next_activity"] = following["activity"]
    events["seconds"] = (following["happened_at"] - events["happened_at"]).dt.total_seconds()
    found = events.dropna(subset=["next_activity"]).groupby(["activity", "next_activity"])["seconds"]
    counted = found.agg(["size", "mean"]).reset_index()
    return [list(row) for row in counted.itertuples(index=False, name=None)]


def with_pm4py(path):
    """PM4Py's own, on a data frame that is in order."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import pandas as pd
        import pm4py

        events = pd.read_parquet(path)
        columns = {"case_id_key": "trace", "activity_key": "activity", "timestamp_key": "happened_at"}
        times, _, _ = pm4py.discover_dfg(events, **columns)
        mean, _, _ = pm4py.discover_performance_dfg(events, **columns)
    seconds = {pair: one["mean"] if isinstance(one, dict) else one for pair, one in mean.items()}
    return [[*pair, times[pair], seconds[pair]] for pair in sorted(times)]


WAYS = {"duckdb": with_duckdb, "pandas": with_pandas, "pm4py": with_pm4py}


def main():
    way, path, warm = WAYS[sys.argv[1]], sys.argv[2], sys.argv[3]
    way(warm)  # imports are not what is measured
    wall, processor = time.perf_counter(), time.process_time()
    answer = way(path)
    seconds = {
        "wall_seconds": time.perf_counter() - wall,
        "processor_seconds": time.process_time() - processor,
    }
    rows = [[a, b, int(n), float(mean)] for a, b, n, mean in answer]
    sys.stdout.write(json.dumps({**seconds, "answer": rows}))


if __name__ == "__main__":
    main()
