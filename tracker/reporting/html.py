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

DATA_FOLDER = "report-data"
FILE_NAME = "report.html"

_CLIP_ID = re.compile(r'(id="|url\(#)(clip\d+)')


def write_html(report: Report, path: Path) -> Path:
    """Writes the report and its data.

    Args:
        report: What to write.
        path: The file, or a folder to put `report.html` into. The data goes to `report-data/` beside the file.

    Returns:
        The file that was written.
    """
    target = path if path.suffix.lower() in (".html", ".htm") else path / FILE_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    write_data(report, target.parent / DATA_FOLDER)
    target.write_text(render_html(report), encoding="utf-8")
    return target


def write_data(report: Report, folder: Path) -> Path:
    """Writes the marts that the report was made from, filtered as it was, as Parquet files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for mart, rows in report.data.items():
        pq.write_table(rows, folder / f"{mart}.parquet", compression="zstd")
    return folder


def render_html(report: Report) -> str:
    """Returns the report as HTML; the same report gives the same text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["svg"] = _svg
    source = (files("tracker.reporting") / "templates" / "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).render(report=report, scripted=text.SCRIPTED, data_folder=DATA_FOLDER)


def _svg(figure: Figure) -> Markup:
    """Draws a figure. Vega escapes the names in it; the ids that charts share by number are told apart by figure."""
    svg = draw_svg(figure.chart)
    return Markup(_CLIP_ID.sub(rf"\g<1>{figure.name}-\g<2>", svg))


def draw_svg(chart: alt.LayerChart) -> str:
    """Returns a chart as SVG text, drawn without a browser."""
    return str(vlc.vegalite_to_svg(chart.to_json(validate=False)))
