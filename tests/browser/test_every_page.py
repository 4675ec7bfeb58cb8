"""Every page in a real browser, on an empty store, on the recorded sample and on 100,000 iterations."""

import pytest
from watching import PAGES

CHARTS = {"overview": 2, "loops": 1, "what-if": 2, "toy-and-real": 2}  # at the least, where there are loops


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("store", ["empty", "sample", "many"])
def test_a_page_renders_and_asks_nobody_else_for_anything(store, page, served, look):
    """Its own heading, no error in the console, no request to anywhere but its server; charts where there are loops."""
    server = served(store)
    view = look(server, PAGES[page])
    assert view.heading() == page
    assert view.errors == []
    assert view.strangers(server.address) == []
    assert "Traceback" not in view.words()
    assert view.page.locator('[data-testid="stException"]').count() == 0
    if store == "empty":
        assert "This page would" in view.words()
        assert "make run" in view.words()
    else:
        assert view.charts() >= CHARTS.get(PAGES[page] or "overview", 0)


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_shows_the_whole_page(page, sample, look):
    """At the width of a phone nothing has to be moved sideways to be read, and the heading is in sight."""
    view = look(sample, PAGES[page], {"viewport": {"width": 390, "height": 844}})
    assert view.page.evaluate("document.documentElement.scrollWidth") <= 390
    main = view.page.locator('[data-testid="stMainBlockContainer"]')
    assert main.evaluate("(main) => main.scrollWidth <= main.clientWidth + 1")
    assert view.page.locator("h1").bounding_box()["y"] < 844 / 3
    assert view.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_stand_on_light_and_on_dark(scheme, sample, look):
    """The background is the one asked for, and words on it keep a contrast of at least 4.5 to 1 (WCAG 2, 1.4.3)."""
    view = look(sample, "", {"color_scheme": scheme})
    ground = luminance(
        view.page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    )
    ink = luminance(view.page.evaluate("getComputedStyle(document.querySelector('h1')).color"))
    assert (ground < 0.2) == (scheme == "dark")
    light, dark = max(ground, ink), min(ground, ink)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)` (WCAG 2)."""
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : colour.index(")")].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_every_page_is_reached_with_the_keyboard(sample, look):
    """Tab leads to the links of all pages, and Enter opens one."""
    view = look(sample)
    reached = set()
    for _ in range(60):
        view.page.keyboard.press("Tab")
        # Above its name a link has its icon's.
        reached.add(view.page.evaluate("document.activeElement?.closest('a')?.innerText.trim().split('\\n').pop()"))
        if reached >= set(PAGES):
            break
    assert reached >= set(PAGES)
    view.page.locator("a", has_text="What-if").first.focus()
    view.page.keyboard.press("Enter")
    view.page.wait_for_url("**/what-if*")
    assert view.settle().heading() == "What-if"
