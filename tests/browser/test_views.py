"""What a view is made of: controls move numbers, a link brings the view to somebody else, nobody disturbs another."""

import json
import re
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest
from watching import SLIDER

# Format → whether a downloaded file is one.
OPENS = {
    "pdf": lambda path: path.read_bytes().startswith(b"%PDF-1.7"),
    "json": lambda path: json.loads(path.read_text())["format"] == "loopgauge report 1",
    "md": lambda path: path.read_text().startswith("# Where research loops"),
    "zip": lambda path: zipfile.ZipFile(path).testzip() is None,
}
ESTIMATE = re.compile(r"\d[\d.]*x \([\d.]+-[\d.]+\)")


def estimate(view) -> str:
    """The number that the what-if page shows large."""
    return view.page.inner_text('[data-testid="stMetricValue"]').strip()


def move(view, key: str, times: int = 1):
    """Moves k with a key, as somebody without a mouse does."""
    for _ in range(times):
        view.page.locator(SLIDER).first.press(key)
        view.settle()
    return view


def wait_for_estimate(view, shown: str):
    """Waits until the page shows this number; a step back in history reruns it when it gets round to it."""
    view.page.get_by_test_id("stMetricValue").get_by_text(shown, exact=True).wait_for()
    return view.settle()


def parameters(view) -> dict[str, str]:
    """What stands in the URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(view.page.url).query).items()}


def test_moving_a_control_moves_the_number_and_the_url(sample, look):
    """A step of k to the right: the speedup of the whole loop grows, and the link says so."""
    view = look(sample, "what-if", target="job")
    before = estimate(view)
    move(view, "ArrowRight")
    after = estimate(view)
    assert ESTIMATE.fullmatch(before)
    assert float(after.partition("x")[0]) > float(before.partition("x")[0])
    assert parameters(view)["k"] == "2.25"
    assert view.errors == []


def test_a_copied_link_shows_somebody_else_the_same(sample, look):
    """Every word of the page, the snapshot included, in a browser that has never been here."""
    sender = move(look(sample, "what-if", target="job:train", level="0.9"), "ArrowRight", 2)
    assert parameters(sender)["snapshot"]
    receiver = look(sample)
    receiver.open(sender.page.url)
    assert receiver.words() == sender.words()
    assert "90 % interval" in receiver.words()
    assert receiver.page.url == sender.page.url


def test_the_back_button_takes_a_choice_back(sample, look):
    """One step back is the k before, with its number, and another page's link goes back to that page."""
    view = look(sample, "what-if", target="job", k="3")
    before = estimate(view)
    move(view, "ArrowRight")
    assert estimate(view) != before
    view.page.go_back()
    view.page.wait_for_url("**k=3&**")
    wait_for_estimate(view, before)
    view.page.locator("a", has_text="Loops").first.click()
    view.page.wait_for_url("**/loops*")
    view.page.get_by_role("heading", name="Loops", exact=True).wait_for()
    view.page.go_back()
    view.page.wait_for_url("**/what-if*")
    assert wait_for_estimate(view, before).heading() == "What-if"


@pytest.mark.parametrize("address", ["no-such-page", "loops/no-such-page"])
def test_an_address_that_is_no_page_is_said_and_leads_on(sample, look, address):
    """A link that was cut or mistyped: the words say so, and the overview stands behind them."""
    view = look(sample, address)
    assert "Page not found" in view.page.inner_text('[role="dialog"]')
    assert view.heading() == "Overview"
    # Streamlit writes the same words to the console, and nothing else is there: no file was looked for in vain.
    assert len(view.errors) == 1
    assert view.errors[0] in view.page.inner_text('[role="dialog"]')


def test_two_users_at_once_do_not_share_what_they_chose(sample, look):
    """Each moves a control of their own while the other looks; both keep their own number."""
    one, other = look(sample, "what-if", target="job", k="2"), look(sample, "what-if", target="job", k="5")
    first, second = estimate(one), estimate(other)
    move(one, "ArrowRight")
    assert (estimate(other.settle()), parameters(other)["k"]) == (second, "5")
    move(other, "ArrowLeft")
    assert parameters(one)["k"] == "2.25"
    move(one, "ArrowLeft")
    assert estimate(one) == first
    assert estimate(other) != second


def test_an_iteration_is_found_by_a_part_of_its_name(served, look):
    """Among 100,000: typed, listed, opened by its link, drawn."""
    view = look(served("many"), "loops", find="i00099999")
    assert "1 iteration" in view.words()
    assert view.charts() >= 1
    assert view.errors == []


def test_the_sample_is_shown_to_who_has_recorded_nothing(served, look):
    """One button away from the empty page, and the link to it is a link like any other."""
    view = look(served("empty"))
    view.page.get_by_role("button", name="Look at the recorded sample").click()
    view.page.wait_for_url("**store=sample*")
    view.settle()
    assert "Recorded sample" in view.words()
    assert view.charts() >= 2
    again = look(served("empty"))
    again.open(view.page.url)
    assert "Recorded sample" in again.words()


def test_a_report_is_downloaded_in_every_format_and_opens(sample, look):
    """One button: a page that Chromium shows without the network, a PDF, JSON, and a zip that is whole."""
    view = look(sample)
    for kind, opens in OPENS.items():
        view.page.locator('[data-testid="stSidebar"] [data-testid="stSelectbox"] input').press("ArrowDown")
        view.page.get_by_role("option", name=f"{kind.upper()}:").click()
        view.settle()
        with view.page.expect_download() as waiting:
            view.page.get_by_role("button", name="Download the report").click()
        download = waiting.value
        assert download.suggested_filename == f"report.{kind}"
        assert opens(download.path())
    assert view.errors == []


def test_a_downloaded_page_needs_no_network(sample, look, browser, tmp_path):
    """It shows its headline and its charts in a browser that is offline, and asks for nothing."""
    view = look(sample)
    with view.page.expect_download() as waiting:
        view.page.get_by_role("button", name="Download the report").click()
    waiting.value.save_as(tmp_path / "report.html")
    alone = browser.new_context(offline=True).new_page()
    asked = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(f"file://{tmp_path / 'report.html'}")
    assert alone.inner_text("h1").startswith("Where research loops spend")
    assert alone.locator("svg").count() >= 5
    assert [url for url in asked if not url.startswith("file:")] == []
    alone.context.close()
