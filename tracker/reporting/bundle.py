"""Writes a report as a zip that anybody can recompute it from: data, SQL and source, versions, seeds, hashes, a script.

Nothing in it tells when or where it was written, so that the same report gives the same bytes.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from importlib.resources import files

import pyarrow as pa
import pyarrow.parquet as pq

from tracker.reporting.html import render_html
from tracker.reporting.kept_forecasts import write_forecasts
from tracker.reporting.kept_plans import write_plans
from tracker.reporting.markdown import render_markdown
from tracker.reporting.pdf import render_pdf
from tracker.reporting.plain import render_json
from tracker.reporting.provenance import requirements, source_files
from tracker.reporting.report import Report
from tracker.reporting.spreadsheet import render_csv
from tracker.reporting.svg import draw_figure

SUMS = "SHA256SUMS"
FORECASTS, PLANS = "data/forecasts.json", "data/plans.json"
TEMPLATES = files("tracker.reporting") / "templates"
# A zip can tell no earlier instant; everything in it bears this one.
INSTANT = (1980, 1, 1, 0, 0, 0)


def render_zip(report: Report) -> bytes:
    """Returns the report as a zip; the same report gives the same bytes."""
    content = dict(_content(report))
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(content.items()))
    content[SUMS] = sums.encode("ascii")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(name, INSTANT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return written.getvalue()


def _content(report: Report) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", (TEMPLATES / "bundle.txt").read_bytes()
    yield "recompute.py", (TEMPLATES / "recompute.py").read_bytes()
    yield "requirements.txt", "".join(f"{line}\n" for line in requirements()).encode("ascii")
    yield "report.html", render_html(report).encode("utf-8", "replace")
    yield "report.pdf", render_pdf(report)
    yield "report.md", render_markdown(report, "figures").encode("utf-8", "replace")
    yield "report.json", render_json(report).encode("utf-8", "replace")
    yield FORECASTS, write_forecasts(report.findings.forecasts).encode()
    yield PLANS, write_plans({one.tool: one.plan for one in report.findings.landed if one.plan}).encode()
    for mart, rows in report.data.items():
        yield f"data/{mart}.parquet", _parquet(rows)
    for section in report.sections:
        for figure in section.figures:
            yield f"figures/{figure.name}.svg", draw_figure(figure).encode("utf-8", "replace")
        for number, table in enumerate(section.tables, start=1):
            yield f"tables/{section.name}-{number}.csv", render_csv(table).encode("utf-8", "replace")
    for name, source in source_files():
        yield f"source/{name}", source


def _parquet(rows: pa.Table) -> bytes:
    written = io.BytesIO()
    pq.write_table(rows, written, compression="zstd")
    return written.getvalue()
