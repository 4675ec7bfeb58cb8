"""Names in any script: legible in the PDF, or spelled out where its fonts do not have them; as they are elsewhere."""

import re
from io import BytesIO

import pytest
from known_reports import loop, snapshot_of
from pypdf import PdfReader

from tracker.reporting.glyphs import NOBODY_HAS, spelled, undrawable
from tracker.reporting.pdf import FONT, SPELLED
from tracker.reporting.report import build_report
from tracker.reporting.writers import FORMATS

DRAWN = {"Cyrillic": "обучение", "Greek": "εκπαίδευση", "Latin": "Größe-čřž-ǆ", "Hebrew": "אימון"}
SPELT = {"Chinese": "训练模型", "Japanese": "学習する", "Korean": "훈련", "Thai": "ฝึกสอน", "emoji": "🚀"}


def squeezed(words):
    """Without blanks, and without the breaks that long words are given."""
    return re.sub(r"[\s\u200b\xa0]+", "", words)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report whose study, jobs and choices bear these names, in every format that is read."""
    names = [*DRAWN.values(), *SPELT.values()]
    spans = [
        span
        for at, name in enumerate(names)
        for number in range(2)
        for span in loop(2 * at + number, study=names[4], job=name, choice=name, train=20.0 + at)
    ]
    report = build_report(snapshot_of(spans, tmp_path_factory.mktemp("store")))
    return {kind: FORMATS[kind].render(report) for kind in ("html", "pdf", "md", "json")}


@pytest.fixture(scope="module")
def said(written):
    """The words of the PDF."""
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(written["pdf"])).pages))


@pytest.mark.parametrize("name", [DRAWN["Cyrillic"], DRAWN["Greek"], DRAWN["Latin"]])
def test_a_script_that_the_fonts_have_is_set_as_it_is(said, name):
    """Letter by letter."""
    assert squeezed(name) in said


@pytest.mark.parametrize("name", SPELT.values(), ids=SPELT)
def test_a_script_that_they_do_not_have_is_spelled_by_its_numbers_and_the_reader_is_told(said, name):
    """Never a box, and never left out."""
    numbers = "".join(f"U+{ord(sign):04X}" for sign in name)
    assert f"[{numbers}]" in said
    assert name[0] not in said
    assert squeezed(SPELLED) in said


@pytest.mark.parametrize("kind", ["html", "md", "json"])
def test_the_other_formats_show_every_name(written, kind):
    """A browser has more fonts."""
    words = written[kind].decode()
    assert [name for name in (*DRAWN.values(), *SPELT.values()) if name not in words] == []
    assert "U+" not in words


def test_no_glyph_of_the_pdf_is_the_box(written):
    """In each font of the file the codes that are shown have a meaning: none is glyph 0."""
    shown = [page.extract_text() for page in PdfReader(BytesIO(written["pdf"])).pages]
    assert "\ufffd" not in "".join(shown)
    assert undrawable(shown, FONT) == frozenset()


def test_a_report_in_latin_letters_has_no_such_note(tmp_path):
    """Nothing is spelled where nothing has to be."""
    spans = [span for number in range(6) for span in loop(number, train=20.0 + number)]
    pdf = FORMATS["pdf"].render(build_report(snapshot_of(spans, tmp_path)))
    said = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))
    assert squeezed(SPELLED) not in said
    assert "U+" not in said


def test_what_cannot_be_drawn_is_asked_sign_by_sign():
    """A word may mix scripts; signs that draw nothing (a joiner) are no boxes."""
    found = undrawable(["a中b→я", "–µ≥“”…\u2060", NOBODY_HAS], FONT)
    assert found == {"中", NOBODY_HAS}
    assert spelled("a中中b-^]", found | {"]", "^"}) == "a[U+4E2D U+4E2D]b-[U+005E U+005D]"
