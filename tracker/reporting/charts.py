"""Charts as pure functions from rows to Altair, shared by pages and reports.

Rows are a list of mappings, an Arrow table or a data frame with the columns each function names. Titles are sentences,
n and interval are on the chart, tooltips are written by `text`, and no chart has more than 2,000 marks. Nothing sets a
background, so a chart stands on light and dark.
"""

from tracker.reporting.frame import MARKS, Rows, as_rows
from tracker.reporting.speedup_charts import ceilings, k_curve
from tracker.reporting.time_chart import time_shares
from tracker.reporting.waterfall import waterfall

__all__ = ["MARKS", "Rows", "as_rows", "ceilings", "k_curve", "time_shares", "waterfall"]
