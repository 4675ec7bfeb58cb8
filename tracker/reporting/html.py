"""Writes a report as one HTML file that needs nothing else.

No script, no font, no picture and no style is fetched: charts are inline SVG, and a content security policy forbids
the rest even where a name in the data tried. Every piece of text passes through Jinja's escaping.
"""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from tracker.reporting import text
from tracker.reporting.document import Figure
from tracker.reporting.report import Report
from tracker.reporting.svg import draw_figure


def render_html(report: Report) -> str:
    """Returns the report as HTML; the same report gives the same text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"svg": _svg, "typeset": _typeset}
    source = (files("tracker.reporting") / "templates" / "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).render(report=report, scripted=text.SCRIPTED)


def _svg(figure: Figure) -> Markup:
    return Markup(draw_figure(figure))


def _typeset(sentence: str) -> str:
    """Keeps a number and its unit on one line."""
    return text.keep_units(text.readable(sentence))
