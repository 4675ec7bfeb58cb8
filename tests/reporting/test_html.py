"""Claims about the HTML file: it stands alone, is safe to open, and says what the report says."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from known_reports import loop, snapshot_of, toy_and_real

from tracker.reporting import text
from tracker.reporting.html import render_html
from tracker.reporting.report import build_report
from tracker.speedup import WhatIf, what_if

HOSTILE = "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\"'&{{7*7}}</svg>\u202e"
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


class Elements(HTMLParser):
    """Collects what a browser would make of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.words.append(data.replace("\N{NO-BREAK SPACE}", " "))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of eight toy and eight real iterations of known seconds."""
    return render_html(build_report(snapshot_of(toy_and_real(), tmp_path_factory.mktemp("store"))))


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of loops in which every name is an attack."""
    spans = [
        span
        for number in range(6)
        for span in loop(number, study=HOSTILE, regime=HOSTILE, job=HOSTILE, choice=HOSTILE, train=20.0 + number)
    ]
    for span in spans:
        span["name"] = span["name"] if span["kind"] == "job" else f"{HOSTILE} {span['name']}"
        span["reason"] = HOSTILE
    return render_html(build_report(snapshot_of(spans, tmp_path_factory.mktemp("hostile"))))


def test_the_same_loops_give_the_same_bytes(page: str, tmp_path: Path) -> None:
    """Two people who report on the same records can compare their files."""
    again = render_html(build_report(snapshot_of(toy_and_real(), tmp_path)))
    assert again == page


def test_nothing_is_fetched(page: str) -> None:
    """No address stands in the file but the namespaces of SVG, which are names and not fetched."""
    assert set(re.findall(r"https?://[^\s\"'<>)]+", page)) <= NAMESPACES
    tags = Elements(page).tags
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in tags}
    assert not [attributes for _, attributes in tags if {"src", "href", "xlink:href", "action"} & set(attributes)]


def test_scripts_and_fetches_are_forbidden_to_the_browser_too(page: str) -> None:
    """A content security policy stands behind the escaping."""
    assert "default-src 'none'; style-src 'unsafe-inline'" in page


def test_hostile_names_are_text(hostile_page: str) -> None:
    """Markup in any name is shown as what was typed: no tag, no handler, no fetch comes of it."""
    tags = Elements(hostile_page).tags
    assert not {"script", "img"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    assert "&lt;script&gt;alert(1)" in hostile_page
    assert "\u202e" not in hostile_page


def test_templates_in_names_are_not_run(hostile_page: str) -> None:
    """What looks like Jinja in a name stays as typed."""
    assert "{{7*7}}" in hostile_page
    assert ">49<" not in hostile_page


def test_every_what_if_of_the_estimator_is_on_the_page(page: str, tmp_path: Path) -> None:
    """The number a reader sees is the number the estimator gives."""
    shown = " ".join(Elements(page).words)
    spans = snapshot_of(toy_and_real(), tmp_path).path("spans")
    for change in ("scale:job:2", "scale:phase:implement:2", "remove:job", "remove:phase:evaluate"):
        result = what_if(spans, change, rng=0)
        assert isinstance(result, WhatIf)
        assert text.format_estimate(result) in shown


def test_every_chart_has_a_sentence_and_a_table(page: str) -> None:
    """Nobody has to read a number off a picture."""
    sections = re.findall(r"<section id=.*?</section>", page, re.DOTALL)
    with_charts = [section for section in sections if "<figure" in section]
    assert len(with_charts) == 7
    for section in with_charts:
        assert section.count("<figcaption>") == section.count("<svg")
        assert "<table>" in section


def test_charts_do_not_share_ids(page: str) -> None:
    """Two charts in one page that clip by the same id would clip each other."""
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_file_is_small(page: str) -> None:
    """It can be sent by mail: below 2 MB, the limit, with much room."""
    assert len(page.encode()) < 1_000_000


def test_many_iterations_and_long_sweeps_stay_below_the_limit(tmp_path: Path) -> None:
    """Three hundred jobs in an iteration are drawn, counted, and still a file below 2 MB."""
    spans = [span for number in range(5) for span in loop(number, train=20.0 + number)]
    job = next(span for span in spans if span["kind"] == "job")
    for number in range(5):
        own = next(span for span in spans if span["kind"] == "job" and span["iteration"] == f"bumps-{number}")
        spans += [{**own, "span": f"more-{number}-{at}", "parent": ""} for at in range(300)]
    assert job["name"] == "train"
    assert len(render_html(build_report(snapshot_of(spans, tmp_path))).encode()) < 2_000_000


def test_numbers_and_units_stay_on_one_line(page: str) -> None:
    """A percent sign never begins a line."""
    assert not re.search(r">[^<]*\d %[^<]*</(?:p|td|li|figcaption)>", page)


def test_an_empty_snapshot_gives_a_page(tmp_path: Path) -> None:
    """With nothing recorded there is still a page, and it says what to run."""
    page = render_html(build_report(snapshot_of([], tmp_path)))
    assert "python -m tracker refresh" in page
    assert "<svg" not in page
