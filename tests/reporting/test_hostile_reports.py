"""Claims about names that attack: recorded with the hook, shipped, refreshed, reported; inert in every format."""

import csv
import io
import json
import re
import shutil
import zipfile
from html.parser import HTMLParser
from io import BytesIO

import pytest
from markdown_it import MarkdownIt
from pypdf import PdfReader

import tracker
from tracker.capture import recorder
from tracker.capture.clock import Clock
from tracker.capture.recorder import Recorder
from tracker.cli import main

ATTACKS = {
    "html": "<script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>\"'&</svg><style>*{}",
    "jinja": "{{7*7}}{% for x in y %}${7*7}#{7*7}",
    "typst": '#eval("1+1") #read("/etc/passwd") #image("x.png") $x^2$ *b* _i_ @ref <label> \\ #let x = 1',
    "markdown": "[click](javascript:alert(1)) ![x](http://evil.example/x) `code` **b** | cell | <b>\n# heading",
    "link": "](javascript:alert(1)) https://evil.example/ www.evil.example",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "command": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "minus": "-1+1",
    "at": "@SUM(1+1)",
    "turned": "safe \u202egnp.exe\u202c \u2066x\u2069 \u200b",
    "ticks": "``` ````\n```python",
    "control": "a\x00b\x1b[31mred\x07\r\nnext",
    "half": "half a pair \ud800",
    "long": "x" * 1_000_000,
}
REGIMES = ("html", "typst", "markdown", "formula")  # of which charts and tables have a column or a bar each
OPENED = ("script", "img", "iframe", "object", "embed", "link", "base", "form", "a", "b")


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


@pytest.fixture(scope="module")
def reports(tmp_path_factory, mlflow_template):
    """A store in which everything that has a name is an attack, and its reports in every format."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    home.mkdir(mode=0o700)
    shutil.copyfile(mlflow_template, home / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACKER_HOME", str(home))
        patch.setenv("TRACKER_AUTOSYNC", "0")
        own = Recorder(Clock())
        with recorder.replaced(own):
            for number, (name, attack) in enumerate(ATTACKS.items()):
                record(name, attack, number)
        own.close()
        for command in (["sync"], ["refresh"], ["report", "--out", str(home / "report.zip")]):
            assert main(["--home", str(home), *command]) == 0
    with zipfile.ZipFile(home / "report.zip") as archive:
        inside = {kind: archive.read(f"report.{kind}") for kind in ("html", "pdf", "md", "json")}
    return {**inside, "zip": (home / "report.zip").read_bytes()}


def record(name: str, attack: str, number: int) -> None:
    """Two iterations of a study of that name; some of a regime and with both arms of a tool of that name."""
    regime = attack if name in REGIMES else ("toy", "real")[number % 2]
    for arm in (False, True):
        tools = {attack: arm} if name in REGIMES else {}
        with tracker.iteration(attack, study=attack, regime=regime, tools=tools) as it:
            with it.phase(attack):
                pass
            with it.job(attack, config={"k": attack}) as job, job.stage(attack):
                pass
            it.decide(attack, options=[attack, "other"], because=attack, clarity="murky")


def test_html_stays_text(reports):
    """No tag, no handler, no address, no style comes of a name, and the page stays below the limit."""
    page = reports["html"].decode()
    tags = Tags(page).found
    assert not set(OPENED) & {tag for tag, _ in tags}
    assert [name for _, attributes in tags for name in attributes if name.startswith("on")] == []
    assert sum(tag == "style" for tag, _ in tags) == 1
    assert "&lt;script&gt;alert(1)" in page
    assert "{{7*7}}" in page
    assert len(page) < 2_000_000


def test_nothing_turns_the_order_of_letters_or_moves_a_cursor(reports):
    """No direction mark and no control sign reaches a reader, in any format that is text."""
    for name in ("html", "md"):
        assert re.findall("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", reports[name].decode()) == []


def test_typst_stays_text(reports):
    """What looks like a call stands there as it was typed; no file was read, no sum was made."""
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(reports["pdf"])).pages)
    squeezed = re.sub(r"[\s\u200b\xa0]", "", said)
    assert '#eval("1+1")' in squeezed
    assert "root:" not in squeezed
    assert "{{7*7}}" in squeezed


def test_the_pdf_leads_nowhere(reports):
    """No link, no script, no attachment, nothing that opens by itself."""
    reader = PdfReader(BytesIO(reports["pdf"]))
    assert [page for page in reader.pages if page.get("/Annots")] == []
    assert {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"]) == set()
    assert b"/JavaScript" not in reports["pdf"]
    assert b"/URI" not in reports["pdf"]


def test_markdown_stays_text(reports):
    """CommonMark with tables makes no link, picture, tag, code or heading of a name; no address is left."""
    said = reports["md"].decode()
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = [token for block in parser.parse(said) for token in (block, *(block.children or []))]
    assert {token.type for token in tokens} & {"link_open", "html_inline", "html_block", "fence"} == set()
    pictures = [token.attrs["src"] for token in tokens if token.type == "image"]
    assert [path for path in pictures if not re.fullmatch(r"figures/[\w-]+\.svg", path)] == []
    headings = [token for token in tokens if token.type == "heading_open"]
    assert len(headings) == len(re.findall(r"^#", said, re.MULTILINE))
    outside_code = re.sub(r"(`+).*?\1", "", said)
    assert re.findall(r"(?i)(?:https?|ftp)://|www\.|javascript:|mailto:", outside_code) == []


def test_every_table_of_the_markdown_keeps_its_columns(reports):
    """A bar in a name does not make a cell."""
    blocks = re.findall(r"(?:^\|.*\|$\n?)+", reports["md"].decode(), re.MULTILINE)
    assert len(blocks) > 5
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_no_cell_of_a_table_is_a_formula(reports):
    """Whatever a spreadsheet would run begins with an apostrophe; numbers stay numbers."""
    with zipfile.ZipFile(BytesIO(reports["zip"])) as archive:
        names = [name for name in archive.namelist() if name.endswith(".csv")]
        rows = [row for name in names for row in csv.reader(io.StringIO(archive.read(name).decode()))]
    cells = [cell for row in rows for cell in row]
    assert any(cell.startswith("'=HYPERLINK(") for cell in cells)
    assert [cell for cell in cells if re.match(r"[=+@\t\r]", cell)] == []
    assert [cell for cell in cells if cell.startswith("-") and not re.fullmatch(r"-[\d.,]+", cell)] == []


def test_json_is_json_and_no_report_is_large(reports):
    """What no database takes was replaced; a name of a megabyte is cut where it is shown."""
    assert json.loads(reports["json"])["sections"]
    assert {name: len(content) for name, content in reports.items() if len(content) > 6_000_000} == {}
    assert all(len(reports[name]) < 2_000_000 for name in ("html", "md", "pdf"))


def test_files_of_the_zip_stay_in_its_folder(reports):
    """No name becomes a path."""
    with zipfile.ZipFile(BytesIO(reports["zip"])) as archive:
        assert archive.testzip() is None
        assert [name for name in archive.namelist() if not re.fullmatch(r"[\w./-]+", name) or ".." in name] == []
