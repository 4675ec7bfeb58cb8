"""Writes a report as Markdown that GitHub, GitLab and Pandoc read alike; what people typed in it is text and no markup.

Markdown has no figures of its own: the sentence of each stands there, with a link to its file where there is one.
"""

import re

from tracker.reporting import text
from tracker.reporting.document import Figure, Section, Table
from tracker.reporting.report import Report

# Any of these could begin emphasis, code, a link, a tag, an entity, a table's cell, a formula or a reference.
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~$&!{}^@])")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data)(:)|\b(www)(\.)")
# At the start of a line these begin a list, a quotation, a rule or a heading.
_FIRST_SIGN = re.compile(r"^([-+=>:](?=\s|$|[-+=>:])|\d+(?=[.)](?:\s|$)))")


def render_markdown(report: Report, figures_folder: str = "") -> str:
    """Returns the report as Markdown; the same report gives the same text.

    Args:
        report: What to write.
        figures_folder: Where the figures lie beside the file, as NAME.svg; empty where they do not.
    """
    blocks = [f"# {escape(report.title)}", escape(report.scope)]
    if report.is_scripted:
        blocks.append(f"**{escape(text.SCRIPTED)}**")
    blocks += [f"> {escape(sentence)}" for sentence in report.headline]
    if report.cautions:
        blocks += ["## Read this first", _list(report.cautions)]
    for section in report.sections:
        blocks += _section(section, figures_folder)
    blocks += ["## Where this comes from, and how to make it again", _provenance(report)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escape(words: str) -> str:
    """Returns words on one line that Markdown shows as they are and follows nowhere."""
    line = " ".join(text.readable(words).split())
    line = _ADDRESS.sub(lambda found: f"{found[1] or found[3]}\\{found[2] or found[4]}", _SIGNS.sub(r"\\\1", line))
    return _FIRST_SIGN.sub(lambda found: f"{found[1]}\\" if found[1][0].isdigit() else f"\\{found[1]}", line)


def _section(section: Section, figures_folder: str) -> list[str]:
    return [
        f"## {escape(section.heading)}",
        *map(escape, section.sentences),
        *(_figure(figure, figures_folder) for figure in section.figures),
        *(_table(table) for table in section.tables),
        _list(section.points),
    ]


def _figure(figure: Figure, folder: str) -> str:
    sentence = escape(figure.sentence)
    # The name of a figure is made of plain letters and needs no escaping.
    return f"**{sentence}**\n\n![{sentence}]({folder}/{figure.name}.svg)" if folder else f"**{sentence}**"


def _table(table: Table) -> str:
    rules = ["---:" if column.is_number else "---" for column in table.columns]
    lines = [[escape(column.heading) for column in table.columns], rules, *(map(escape, row) for row in table.rows)]
    rows = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([f"*{escape(table.caption)}*", "", *rows])


def _list(points: tuple[str, ...]) -> str:
    return "\n".join(f"- {escape(point)}" for point in points)


def _provenance(report: Report) -> str:
    """As a list of code: what is to be copied has to stay as it is."""
    return "\n".join(f"- {escape(what)}: {_code(value)}" for what, value in report.provenance)


def _code(value: str) -> str:
    """A span of code, fenced by one tick more than stand together in it."""
    line = " ".join(text.readable(value).split())
    fence = "`" * (max((len(ticks) for ticks in re.findall("`+", line)), default=0) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"
