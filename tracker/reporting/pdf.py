"""Typesets a report as PDF: a fixed Typst template and the report's plain value, which it reads as JSON.

No word of the report is ever part of the template's source, so nothing in a name can be markup. Only the fonts that
come with Typst are used, no clock is read and nothing is fetched: the same report gives the same bytes everywhere.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import typst

from tracker.reporting import text
from tracker.reporting.glyphs import spelled, undrawable
from tracker.reporting.plain import plain_report
from tracker.reporting.report import Report
from tracker.reporting.svg import draw_figure

TEMPLATE = files("tracker.reporting") / "templates" / "report.typ"
FONT = "Libertinus Serif"
# The charts are laid out for a sans serif, which is wider than the font they are set in here.
_WIDER = 1.12
SPELLED = (
    "Signs that the fonts of this file do not have are written by their Unicode numbers, such as [U+4E2D]; the HTML, "
    "Markdown and JSON of the same report show them."
)
OMITTED = ("records", "vega_lite")  # of the plain value, what the template does not read
_SIZE = re.compile(r'font-size="([\d.]+)px"')


def render_pdf(report: Report) -> bytes:
    """Returns the report as PDF; the same report gives the same bytes."""
    value = plain_report(report) | {"scripted": text.SCRIPTED}
    for section, plain in zip(report.sections, value["sections"], strict=True):
        for figure, drawn in zip(section.figures, plain["figures"], strict=True):
            drawn["svg"] = _in_font(draw_figure(figure))
    said = _readable(value)
    signs = undrawable(_strings(said), FONT)
    said = _spelled(said, signs) | {"spelled": SPELLED if signs else ""}
    pdf = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(said, ensure_ascii=False)},
    )
    assert isinstance(pdf, bytes)
    return pdf


def _in_font(svg: str) -> str:
    named = svg.replace('font-family="sans-serif"', f'font-family="{FONT}"')
    return _SIZE.sub(lambda size: f'font-size="{float(size[1]) * _WIDER:.2f}px"', named)


def _strings(value: object) -> Iterator[str]:
    """Yields every text in a plain value, those on the charts too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _spelled(value: Any, signs: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _spelled(item, signs) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelled(item, signs) for item in value]
    return spelled(value, signs) if isinstance(value, str) else value


def _readable(value: object) -> object:
    if isinstance(value, dict):
        return {key: item if key == "svg" else _readable(item) for key, item in value.items() if key not in OMITTED}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return text.keep_units(text.readable(value)) if isinstance(value, str) else value
