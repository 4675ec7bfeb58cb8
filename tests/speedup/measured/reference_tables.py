"""The public job traces as tables."""

import pandas as pd
from reference_data import REFERENCE


def muri(baseline, changed):
    """The same 400 jobs under two schedulers, one row per job and scheduler."""
    parts = [
        pd.read_csv(REFERENCE / "muri" / f"job_{scheduler}.csv").assign(scheduler=scheduler)
        for scheduler in (baseline, changed)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(completion_seconds=table.end_time - table.submit_time)
