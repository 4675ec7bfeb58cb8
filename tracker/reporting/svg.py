"""Draws figures as SVG without a browser: the same figure gives the same text in every process and beside any other."""

import re
from functools import lru_cache

import altair as alt
import vl_convert as vlc

from tracker.reporting.document import Figure

_CLIP_ID = re.compile(r'(id="|url\(#)(clip\d+)')


@lru_cache(maxsize=64)  # a zip holds each figure three times: as a file, in HTML and in PDF
def draw_figure(figure: Figure) -> str:
    """Returns a figure as SVG. Vega escapes the names in it, but numbers its ids for each process, not each chart."""
    svg = draw_svg(figure.chart)
    number = {name: at for at, name in enumerate(dict.fromkeys(match[2] for match in _CLIP_ID.finditer(svg)))}
    return _CLIP_ID.sub(lambda match: f"{match[1]}{figure.name}-clip{number[match[2]]}", svg)


def draw_svg(chart: alt.LayerChart) -> str:
    """Returns a chart as SVG text."""
    return str(vlc.vegalite_to_svg(chart.to_json(validate=False)))
