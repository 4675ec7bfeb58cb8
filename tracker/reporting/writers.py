"""What a report can be written as: a table from the name of a format to its writer; all of them read one value."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tracker.reporting.bundle import render_zip
from tracker.reporting.html import render_html
from tracker.reporting.markdown import render_markdown
from tracker.reporting.pdf import render_pdf
from tracker.reporting.plain import render_json
from tracker.reporting.report import Report

NAME = "report"


@dataclass(frozen=True)
class Format:
    """A format: what it is called, the type that a browser knows it by, and how a report is written as it."""

    suffix: str
    media_type: str
    what: str
    render: Callable[[Report], bytes]


FORMATS = {
    "html": Format(".html", "text/html", "one page that needs no network", lambda report: _text(render_html(report))),
    "pdf": Format(".pdf", "application/pdf", "to print and to send", render_pdf),
    "md": Format(".md", "text/markdown", "for a repository or a wiki", lambda report: _text(render_markdown(report))),
    "json": Format(".json", "application/json", "every number, unrounded", lambda report: _text(render_json(report))),
    "zip": Format(".zip", "application/zip", "all of these, the data, and a script that recomputes it", render_zip),
}


def check_formats(names: str) -> tuple[str, ...]:
    """Returns the formats named in `html,pdf`.

    Raises:
        ValueError: One is not known.
    """
    asked = tuple(dict.fromkeys(name.strip().lower().lstrip(".") for name in names.split(",") if name.strip()))
    unknown = [name for name in asked if name not in FORMATS]
    if unknown or not asked:
        raise ValueError(
            f"format == {','.join(unknown) or names!r}, must be among {', '.join(FORMATS)}; several: html,pdf"
        )
    return asked


def write_report(report: Report, path: Path, formats: Iterable[str] = ()) -> list[Path]:
    """Writes a report in one or more formats.

    Args:
        report: What to write.
        path: A file, whose suffix names the format where `formats` is empty, or a folder to put `report.SUFFIX` into.
        formats: Names of `FORMATS`; several take the file's name with their own suffix each.

    Returns:
        The files that were written.
    """
    of_suffix = next((name for name, format in FORMATS.items() if format.suffix == path.suffix.lower()), None)
    stem = path.with_suffix("") if of_suffix else path / NAME
    asked = tuple(formats) or (of_suffix or "html",)
    stem.parent.mkdir(parents=True, exist_ok=True)
    return [_write(FORMATS[name].render(report), stem.with_name(stem.name + FORMATS[name].suffix)) for name in asked]


def _write(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


def _text(words: str) -> bytes:
    return words.encode("utf-8", "replace")
