"""Claims about the formats: one value, the same numbers in each of them, and the same bytes from the same records."""

import json
import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from known_reports import snapshot_of, toy_and_real
from pypdf import PdfReader

from tracker.reporting.report import Report, build_report
from tracker.reporting.writers import FORMATS, check_formats, write_report


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report on eight toy and eight real iterations of known seconds, with a tool in both arms."""
    spans = toy_and_real()
    for span in spans:
        span["tool.cache"] = "changed" if int(span["iteration"].rpartition("-")[2]) % 2 else "baseline"
    return build_report(snapshot_of(spans, tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="module")
def written(report: Report) -> dict[str, bytes]:
    """The report in every format but the zip."""
    return {name: FORMATS[name].render(report) for name in ("html", "pdf", "md", "json")}


class Words(HTMLParser):
    """The words of a page, without those of its charts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.depth = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.depth += tag == "svg"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "svg"

    def handle_data(self, data: str) -> None:
        if not self.depth:
            self.words.append(data)


def squeezed(words: str) -> str:
    """Words without any blank, hyphenation or zero-width sign: where lines break is the format's own affair."""
    return re.sub(r"[\s\u200b\xa0\xad]+", "", words)


def said_by(name: str, content: bytes) -> str:
    """Everything that a reader of this format reads, squeezed."""
    if name == "pdf":
        pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
        return re.sub(r"Loopgaugereport\d+/\d+", "", squeezed("".join(pages)))
    text = content.decode()
    if name == "html":
        return squeezed("".join(Words(text).words))
    if name == "md":
        return squeezed(re.sub(r"\\([!-/:-@[-`{-~])", r"\1", text))
    return squeezed("".join(strings(json.loads(text))))


def strings(value: object) -> list[str]:
    """All text in a JSON value, but that of the charts."""
    if isinstance(value, dict):
        return [word for key, item in value.items() if key != "vega_lite" for word in strings(item)]
    if isinstance(value, list):
        return [word for item in value for word in strings(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", ["html", "pdf", "md", "json"])
def test_every_format_says_every_number(name: str, report: Report, written: dict[str, bytes]) -> None:
    """Headline, sentences and each cell of each table stand in each format, word for word."""
    said = said_by(name, written[name])
    cells = [cell for section in report.sections for table in section.tables for row in table.rows for cell in row]
    sentences = [words for section in report.sections for words in (*section.sentences, *section.points)]
    values = [value for _, value in report.provenance]
    missing = [words for words in (*report.headline, *report.cautions, *sentences, *cells, *values)
               if squeezed(words) not in said]  # fmt: skip
    assert missing == []
    assert sum(any(sign.isdigit() for sign in cell) for cell in cells) > 150


def test_the_pdf_has_each_table_row_in_one_line(report: Report, written: dict[str, bytes]) -> None:
    """A number stands in the row it belongs to, not only somewhere in the file."""
    said = said_by("pdf", written["pdf"])
    tables = [table for section in report.sections for table in section.tables]
    short = [row for table in tables for row in table.rows if all(len(cell) < 24 for cell in row)]
    assert [row for row in short if squeezed("".join(row)) not in said] == []
    assert len(short) > 40


def test_the_json_has_the_numbers_that_the_text_was_made_of(report: Report, written: dict[str, bytes]) -> None:
    """To the last digit, beside the rounded ones."""
    sections = {section["name"]: section for section in json.loads(written["json"])["sections"]}
    records = sections["what-ifs"]["tables"][0]["records"]
    for question, record in zip(report.findings.questions, records, strict=True):
        for regime in report.findings.regimes:
            assert record["results"][regime]["speedup"] == question.results[regime].speedup
            assert tuple(record["results"][regime]["interval"]) == question.results[regime].interval


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_records_give_the_same_bytes(name: str, report: Report, tmp_path: Path) -> None:
    """In every format: two people who report on the same records can compare their files."""
    spans = toy_and_real()
    for span in spans:
        span["tool.cache"] = "changed" if int(span["iteration"].rpartition("-")[2]) % 2 else "baseline"
    again = build_report(snapshot_of(spans, tmp_path))
    assert FORMATS[name].render(again) == FORMATS[name].render(report)


def test_the_pdf_tells_no_time_and_no_machine(written: dict[str, bytes]) -> None:
    """Its own data name the title and nothing that differs from one writing to the next."""
    about = PdfReader(BytesIO(written["pdf"])).metadata
    assert about is not None
    assert set(about) <= {"/Title", "/Author", "/Creator", "/Producer"}
    assert about.title == "Where research loops spend their wall-clock, and what tooling would change"


def test_the_pdf_is_tagged_for_readers_that_read_aloud(written: dict[str, bytes]) -> None:
    """Headings and tables are known as such, and every chart has its sentence."""
    catalog = PdfReader(BytesIO(written["pdf"])).trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"


def test_an_empty_snapshot_is_a_report_in_every_format(tmp_path: Path) -> None:
    """With nothing recorded there is still a file, and it says what to run."""
    empty = build_report(snapshot_of([], tmp_path))
    for name in ("html", "pdf", "md", "json"):
        assert squeezed("python -m tracker refresh") in said_by(name, FORMATS[name].render(empty))


def test_formats_are_named_together_or_by_the_suffix(report: Report, tmp_path: Path) -> None:
    """`--format md,json` writes two files beside each other; without it the file's suffix decides."""
    assert [path.name for path in write_report(report, tmp_path / "loops.html", ("md", "json"))] == [
        "loops.md",
        "loops.json",
    ]
    assert write_report(report, tmp_path / "other.md") == [tmp_path / "other.md"]
    assert write_report(report, tmp_path / "folder", ("json",)) == [tmp_path / "folder" / "report.json"]


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    """A misspelt format is an error that names the right ones."""
    with pytest.raises(ValueError, match="format == 'docx', must be among html, pdf, md, json, zip"):
        check_formats("html,docx")
    assert check_formats("PDF, html,pdf") == ("pdf", "html")
