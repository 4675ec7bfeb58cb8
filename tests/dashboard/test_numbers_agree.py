"""One store, five ways to read it: every number of the pages stands in the report's HTML, PDF, Markdown and JSON too.

Numbers are read off the page and out of each format on their own, by what stands before them, and compared one by one.
"""

import json
import re
from io import BytesIO

import pytest
from known_store import iteration_spans, publish_spans
from markdown_it import MarkdownIt
from pypdf import PdfReader
from shown_tables import Tables, rows_of

from tracker.cli import main
from tracker.reporting import text

FORMATS = ("html", "md", "json")
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
REGIMES = ("toy models", "real models")
CEILING, WHAT_IF = "were this to take no time", "change"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A home with sixteen toy and sixteen real iterations of differing lengths, a tool in both arms, and its report."""
    place = tmp_path_factory.mktemp("agree") / "home"
    spans = []
    for regime, start, queue, job in (("toy", 0, 1, 20), ("real", 40, 15, 90)):
        for number in range(16):
            changed = number % 2 == 1
            seconds = (job + 3 * (number % 5)) / (1 + changed)
            own = iteration_spans(
                f"{regime}-study", regime, start + number, think=10 + number % 7, queue=queue, job=seconds
            )
            spans += [{**span, "tool.cache": "changed" if changed else "baseline"} for span in own]
    publish_spans(place, spans)
    asked = ["--format", "html,pdf,md,json", "--change", "scale:job:2", "--out", str(place / "report.html")]
    assert main(["--home", str(place), "report", *asked]) == 0
    return place


@pytest.fixture
def page(place, monkeypatch, app):
    """Opens a page over that home, and returns its tables as rows of text, the heading first."""
    monkeypatch.setenv("TRACKER_HOME", str(place))

    return lambda name, **parameters: rows_of(app(name, **parameters))


def tables_of_markdown(said):
    """The same of Markdown, as CommonMark with tables reads it."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(said):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level >= 4 and found[-1]:
            found[-1][-1].append("".join(child.content for child in token.children))
    return found


def tables_of_json(said):
    """The same of JSON: the text that stands beside each record."""
    tables = [table for section in json.loads(said)["sections"] for table in section["tables"]]
    return [[[column["heading"] for column in table["columns"]], *table["rows"]] for table in tables]


READ = {"html": lambda said: Tables(said).found, "md": tables_of_markdown, "json": tables_of_json}


def plain(cell):
    """A cell without the escapes that keep a page's text literal, with plain blanks."""
    return re.sub(r"[\s\xa0]+", " ", str(cell).replace("\\", "")).strip()


def numbers(*cells):
    """All numbers of these cells, one by one."""
    return [each for cell in cells for each in NUMBER.findall(plain(cell))]


def table_with(tables, *words):
    """The first table with columns that begin with each of these words, as rows by heading."""
    for heading, *rows in tables:
        names = [plain(name).lower() for name in heading]
        if all(any(name.startswith(word) for name in names) for word in words):
            return [{name: plain(cell) for name, cell in zip(names, row, strict=True)} for row in rows]
    raise AssertionError(f"no table has {words}")


def of_regimes(tables, first):
    """(what, regime) → numbers, of a table with one column for each regime."""
    return {
        (row[first], regime): numbers(next(cell for name, cell in row.items() if name.startswith(regime)))
        for row in table_with(tables, first, *REGIMES)
        for regime in REGIMES
    }


def assert_same(page, other):
    """Every number of the page is there, under the same words, and is the same; more than none."""
    for key, found in page.items():
        assert other[key] == found, key
    assert sum(map(len, page.values())) > 5


@pytest.mark.parametrize("kind", FORMATS)
def test_ceilings_agree(kind, place, page):
    """Speedup and both ends of its interval, of each phase, of the jobs and the queue, in either regime."""
    shown = of_regimes(page("overview"), CEILING)
    assert_same(shown, of_regimes(READ[kind]((place / f"report.{kind}").read_text()), CEILING))


@pytest.mark.parametrize("kind", FORMATS)
def test_shares_agree(kind, place, page):
    """Share, interval and seconds of each part: the page has them in one cell, the report in three."""
    rows = table_with(page("overview"), "what", *REGIMES)
    shown = {
        (row["what"], regime): numbers(cell)
        for row in rows
        for regime in REGIMES
        for name, cell in row.items()
        if name.startswith(regime) and cell != "none"
    }
    report = table_with(READ[kind]((place / f"report.{kind}").read_text()), "share of elapsed", "interval")
    said = {
        (row["what"], row["regime"]): numbers(row["share of elapsed"], row["interval"], row["total"]) for row in report
    }
    assert_same(shown, said)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_what_if_agrees(kind, place, page):
    """Jobs twice as fast: the page's table by regime against the report's row."""
    rows = table_with(page("what_if", target="job", k="2"), "regime", "speedup of the whole loop")
    shown = {("all jobs 2x faster", row["regime"]): numbers(row["speedup of the whole loop"]) for row in rows}
    of_page = {key: found for key, found in shown.items() if key[1] in REGIMES}
    assert_same(of_page, of_regimes(READ[kind]((place / f"report.{kind}").read_text()), WHAT_IF))


@pytest.mark.parametrize("kind", FORMATS)
def test_what_a_tool_did_agrees(kind, place, page):
    """Every estimand with its interval, that for many looks, both arms' seconds and n."""

    def estimands(tables):
        rows = table_with(tables, "of", "if you look often", "baseline", "changed")
        return {row["of"]: numbers(*(row[name] for name in list(row) if name not in ("of", "method"))) for row in rows}

    assert_same(estimands(page("measured")), estimands(READ[kind]((place / f"report.{kind}").read_text())))


@pytest.mark.parametrize("kind", FORMATS)
def test_toy_and_real_agree(kind, place, page):
    """The speedup of either kind of work with its interval and n, of the change that the report asks about."""

    def of_share(tables):
        groups = table_with(tables, "of", "speedup", "n", "evidence")
        return {row["of"]: numbers(row["speedup"], row["n"]) for row in groups}

    shown = of_share(page("toy_and_real", target="job", k="2"))
    assert_same(shown, of_share(READ[kind]((place / f"report.{kind}").read_text())))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("first", ["part of the loop", "reference"])
def test_why_toy_and_real_differ_agrees(kind, first, place, page):
    """How they gain and how long they take, taken apart by reference and, folded away, by part of the loop."""

    def taken_apart(tables):
        return [
            [(row[0], numbers(*row[1:])) for row in rows]
            for heading, *rows in tables
            if plain(heading[0]).lower() == first and "within" in [plain(name).lower() for name in heading]
        ]

    shown = taken_apart(page("toy_and_real", target="job", k="2"))
    said = taken_apart(READ[kind]((place / f"report.{kind}").read_text()))
    assert len(shown) == len(said) == 2
    assert sorted(map(str, shown)) == sorted(map(str, said))


@pytest.mark.parametrize("kind", FORMATS)
def test_the_curve_over_real_work_agrees(kind, place, page):
    """At each share of real work that both name, from the table below the chart."""

    def points(tables):
        rows = table_with(tables, "share on real models", "speedup of the whole")
        return {row["share on real models"]: numbers(row["speedup of the whole"]) for row in rows}

    shown = points(page("toy_and_real", target="job", k="2"))
    assert_same(shown, points(READ[kind]((place / f"report.{kind}").read_text())))


def test_the_pdf_has_each_number_of_the_page_in_its_row(place, page):
    """Row by row as they are set: what it is of, then the numbers of the page in the report's order."""
    said = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO((place / "report.pdf").read_bytes())).pages)
    said = re.sub(r"[\s\u200b\xa0]+", "", said)
    overview = page("overview")
    rows = []
    for row in table_with(overview, CEILING, *REGIMES):
        cells = [next(cell for name, cell in row.items() if name.startswith(regime)) for regime in REGIMES]
        rows.append(row[CEILING] + "".join(cells))
    for row in table_with(overview, "what", *REGIMES):
        for regime in REGIMES:
            cell = next(cell for name, cell in row.items() if name.startswith(regime))
            if cell != "none":
                share, interval, seconds = re.fullmatch(r"(.*) \((.*)\), (.*) in all", cell).groups()
                rows.append(regime + row["what"] + share + interval + seconds)
    for row in table_with(page("measured"), "of", "if you look often", "baseline", "changed"):
        rows.append("".join(row[name] for name in ("baseline", "changed", "n")))
    missing = [row for row in rows if re.sub(r"\s+", "", row) not in said]
    assert missing == []
    assert len(rows) > 10


def test_the_unrounded_numbers_of_the_json_round_to_those_of_the_page(place, page):
    """Not only the text beside them."""
    sections = {one["name"]: one for one in json.loads((place / "report.json").read_text())["sections"]}
    shown = of_regimes(page("overview"), CEILING)
    regimes = dict(zip(("toy", "real"), REGIMES, strict=True))
    checked = 0
    for record in sections["ceilings"]["tables"][0]["records"]:
        for regime, words in regimes.items():
            found = shown.get((text.format_target(record["target"]), words))
            result = record["results"].get(regime)
            if found and result and "speedup" in result:
                of_json = text.format_speedup(result["speedup"]), text.format_interval(tuple(result["interval"]))
                assert numbers(*of_json) == found
                checked += 1
    assert checked >= 5
    (measured,) = sections["measured"]["tables"][0]["records"]
    rows = {row["of"]: row for row in table_with(page("measured"), "of", "if you look often", "baseline")}
    mean = measured["estimands"]["geometric_mean"]
    of_page = next(row for of, row in rows.items() if "geometric mean" in of)
    assert numbers(of_page["baseline"]) == numbers(text.format_seconds(mean["baseline_seconds"]))
    assert numbers(of_page["if you look often"]) == numbers(text.format_interval(tuple(mean["always_valid_interval"])))
