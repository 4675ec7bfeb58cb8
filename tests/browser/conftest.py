"""Servers over three stores, and one Chromium that looks at them.

Fixtures live as long as this folder's tests and no longer: Playwright's loop would be in the way of others' asyncio.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import serving
import stores
from playwright.sync_api import Browser, sync_playwright
from serving import Server
from watching import View, new_view

MISSING = (
    "THE PAGES WERE NOT LOOKED AT IN A BROWSER: there is no Chromium here. Install it (apt-get install chromium) and "
    "run the tests again."
)
MAKE = {"empty": stores.make_empty, "sample": stores.make_sample, "many": stores.make_many}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says it where everybody looks that nothing was looked at."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(MISSING, red=True, bold=True)


@pytest.fixture(scope="package")
def chromium() -> str:
    """Where Chromium is. Without one the tests are skipped, and fail where they must not be."""
    path = serving.chromium()
    if path is None and os.environ.get("BROWSER_REQUIRED"):
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    return path


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests; each view is of a user of its own."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(serving.CHROMIUM_ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def served(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """Returns the server over one of the three stores; each is made and started when it is first asked for."""
    started: dict[str, Server] = {}
    with ExitStack() as stack:

        def serve(store: str) -> Server:
            if store not in started:
                folder = tmp_path_factory.mktemp(store)
                home = MAKE[store](folder / "home")
                started[store] = stack.enter_context(serving.serving(home, folder / "server.log"))
            return started[store]

        yield serve


@pytest.fixture
def sample(served) -> Server:
    """The server over the recorded sample, as an import of one's own."""
    return served("sample")


@pytest.fixture
def look(browser: Browser) -> Iterator:
    """Opens a page as a new user, and closes it when the test ends."""
    opened: list[View] = []

    def open_page(server: Server, page: str = "", settings: dict | None = None, **parameters: str) -> View:
        view = new_view(browser, **(settings or {}))
        opened.append(view)
        return view.open(server.url(page, **parameters))

    yield open_page
    for view in opened:
        view.page.close()
