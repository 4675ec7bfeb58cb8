"""Writes tables as CSV that spreadsheets open without running anything in it."""

import csv
import io
import re

from tracker.reporting import text
from tracker.reporting.document import Table

# What makes a spreadsheet take a cell for a formula, also behind blanks (OWASP, CSV injection).
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"-[\d.,]+")


def render_csv(table: Table) -> str:
    """Returns a table as CSV, as it is read: the numbers to the last digit stand in report.json."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow([inert(column.heading) for column in table.columns])
    writer.writerows([[inert(cell) for cell in row] for row in table.rows])
    return written.getvalue()


def inert(cell: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula: those that one would begin with an apostrophe."""
    line = " ".join(text.readable(cell).split())
    return f"'{line}" if _FORMULA.match(line) and not _NUMBER.fullmatch(line) else line
