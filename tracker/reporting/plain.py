"""A report as a plain value: objects, lists, text and numbers, which JSON, a typesetter or another program can read.

Numbers are those that were estimated, to the last digit; the text that was made of them stands beside them. There is no
NaN and no infinity in JSON: an interval's end without limit is the text `no limit`, what is not known is null.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any

from tracker.reporting.document import Figure, Section, Table
from tracker.reporting.report import Report
from tracker.reporting.text import NO_LIMIT

FORMAT = "loopgauge report 1"


def plain_report(report: Report) -> dict[str, Any]:
    """Returns all that a report says, as a value that JSON holds; the marts stay out of it."""
    return {
        "format": FORMAT,
        "title": report.title,
        "scope": report.scope,
        "headline": list(report.headline),
        "cautions": list(report.cautions),
        "is_scripted": report.is_scripted,
        "request": plain(report.findings.request),
        "sections": [_section(section) for section in report.sections],
        "provenance": [{"what": what, "value": value} for what, value in report.provenance],
    }


def render_json(report: Report) -> str:
    """Returns the report as JSON text; the same report gives the same text."""
    return json.dumps(plain_report(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Returns a value as JSON can hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text to anybody else
    if isinstance(value, Sequence) or (hasattr(value, "tolist") and not isinstance(value, bytes)):
        return [plain(item) for item in value] if isinstance(value, Sequence) else plain(value.tolist())
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else NO_LIMIT if value > 0 else f"-{NO_LIMIT}"
    return value


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "heading": section.heading,
        "sentences": list(section.sentences),
        "figures": [_figure(figure) for figure in section.figures],
        "tables": [_table(table) for table in section.tables],
        "points": list(section.points),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    drawn = figure.chart.to_dict(validate=False)
    return {"name": figure.name, "sentence": figure.sentence, "vega_lite": plain(drawn)}


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "columns": [plain(column) for column in table.columns],
        "rows": [list(row) for row in table.rows],
        "records": [plain(record) for record in table.records],
    }
