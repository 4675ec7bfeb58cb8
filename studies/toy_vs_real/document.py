"""The report as a value, and its three forms: HTML and Markdown for people, JSON for programs."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert as vlc
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

NAME = "toy-vs-real"
_CLIP_ID = re.compile(r'(id="|url\(#)(clip\d+|gradient\d+)')


@dataclass(frozen=True)
class Figure:
    """A chart with the sentence that says what it shows."""

    name: str
    sentence: str
    chart: alt.LayerChart


@dataclass(frozen=True)
class Table:
    """Cells are text already."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """Paragraphs, then figures, then tables, then points."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """The whole report; `figures` of the JSON stand in `data`."""

    title: str
    headline: tuple[str, ...]
    sections: tuple[Section, ...]
    data: dict[str, Any] = field(default_factory=dict)


def write_document(document: Document, folder: Path) -> Path:
    """Writes `toy-vs-real.html`, `.md` and `.json`, and the Markdown's charts as SVG in `charts/`.

    The same document gives the same bytes.

    Returns:
        The HTML file.
    """
    charts = folder / "charts"
    charts.mkdir(parents=True, exist_ok=True)
    drawn = {figure.name: draw(figure) for section in document.sections for figure in section.figures}
    for name, svg in drawn.items():
        (charts / f"{name}.svg").write_text(svg + "\n", encoding="utf-8")
    page = folder / f"{NAME}.html"
    page.write_text(render_html(document, drawn), encoding="utf-8")
    (folder / f"{NAME}.md").write_text(render_markdown(document), encoding="utf-8")
    text = json.dumps(document.data, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / f"{NAME}.json").write_text(text + "\n", encoding="utf-8")
    return page


def draw(figure: Figure) -> str:
    """SVG; Vega numbers its ids anew for each process, not for each chart."""
    svg = str(vlc.vegalite_to_svg(figure.chart.to_json(validate=False)))
    number = {name: at for at, name in enumerate(dict.fromkeys(match[2] for match in _CLIP_ID.finditer(svg)))}
    return _CLIP_ID.sub(lambda match: f"{match[1]}{figure.name}-{number[match[2]]}", svg)


def render_html(document: Document, drawn: dict[str, str]) -> str:
    """One page that fetches nothing: charts are inline, and every text is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["strong"] = _strong
    source = (Path(__file__).parent / "report.html.j2").read_text(encoding="utf-8")
    charts = {name: Markup(svg) for name, svg in drawn.items()}
    return environment.from_string(source).render(document=document, charts=charts)


def _strong(text: str) -> Markup:
    """`**word**` in a sentence is set in bold, everything else is escaped."""
    parts = re.split(r"\*\*(.+?)\*\*", text)
    pieces = [Markup("<strong>{}</strong>").format(part) if place % 2 else part for place, part in enumerate(parts)]
    return Markup("").join(pieces)


def render_markdown(document: Document) -> str:
    lines = [f"# {document.title}", ""]
    for sentence in document.headline:
        lines += [f"> {sentence}", ">"]
    lines[-1] = ""
    for section in document.sections:
        lines += [f"## {section.heading}", ""]
        for paragraph in section.paragraphs:
            lines += [paragraph, ""]
        for figure in section.figures:
            lines += [f"![{figure.sentence}](charts/{figure.name}.svg)", "", f"*{figure.sentence}*", ""]
        for table in section.tables:
            lines += _markdown_table(table)
        lines += [f"- {point}" for point in section.points] + ([""] if section.points else [])
    return "\n".join(lines).rstrip() + "\n"


def _markdown_table(table: Table) -> Sequence[str]:
    def row(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [table.caption, "", row(table.columns), "|---" * len(table.columns) + "|", *map(row, table.rows), ""]
