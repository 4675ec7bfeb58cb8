"""Writes a report as one HTML file that needs nothing else, with its data as Parquet beside it.

No script, no font, no picture and no style is fetched: charts are inline SVG, and a content security policy forbids
the rest even where a name in the data tried. Every piece of text passes through Jinja's escaping.
"""

import re
from importlib.resources import files
from pathlib import Path

import altair as alt
import pyarrow.parquet as pq
import vl_convert as vlc
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from tracker.reporting import text
from tracker.reporting.document import Figure
from tracker.reporting.report import Report

FILE_NAME = "report.html"

_UNIT = re.compile(r"(?<=\d) (?=(?:%|µs|ms|s|min|h|d)(?!\w))|(?<=\bn) (?==)|(?<=\bn =) (?=\d)")
_CLIP_ID = re.compile(r'(id="|url\(#)(clip\d+)')


def write_html(report: Report, path: Path) -> Path:
    """Writes the report and its data.

    Args:
        report: What to write.
        path: The file, or a folder to put `report.html` into. The data of `NAME.html` goes to the folder
            `NAME-data` beside it.

    Returns:
        The file that was written.
    """
    target = path if path.suffix.lower() in (".html", ".htm") else path / FILE_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    data = write_data(report, target.with_name(f"{target.stem}-data"))
    target.write_text(render_html(report, data_folder=data.name), encoding="utf-8")
    return target


def write_data(report: Report, folder: Path) -> Path:
    """Writes the marts that the report was made from, filtered as it was, as Parquet files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for mart, rows in report.data.items():
        pq.write_table(rows, folder / f"{mart}.parquet", compression="zstd")
    return folder


def render_html(report: Report, data_folder: str = "report-data") -> str:
    """Returns the report as HTML; the same report gives the same text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"svg": _svg, "typeset": _typeset}
    source = (files("tracker.reporting") / "templates" / "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).render(report=report, scripted=text.SCRIPTED, data_folder=data_folder)


def _svg(figure: Figure) -> Markup:
    """Draws a figure. Vega escapes the names in it, but numbers its ids anew only for each process, not each chart."""
    svg = draw_svg(figure.chart)
    number = {name: at for at, name in enumerate(dict.fromkeys(match[2] for match in _CLIP_ID.finditer(svg)))}
    return Markup(_CLIP_ID.sub(lambda match: f"{match[1]}{figure.name}-clip{number[match[2]]}", svg))


def _typeset(sentence: str) -> str:
    """Keeps a number and its unit on one line."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", sentence)


def draw_svg(chart: alt.LayerChart) -> str:
    """Returns a chart as SVG text, drawn without a browser."""
    return str(vlc.vegalite_to_svg(chart.to_json(validate=False)))
