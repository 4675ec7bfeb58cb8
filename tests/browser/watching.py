"""A page of the dashboard as a browser sees it: what it says, whether it is still at work, and when it last changed."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

# Heading → its place in the URL.
PAGES = {
    "Overview": "",
    "Loops": "loops",
    "What-if": "what-if",
    "Measured": "measured",
    "Plan and forecasts": "plan",
    "Toy and real": "toy-and-real",
    "Data": "data",
}
SLIDER = '[data-testid="stSlider"] input[type="range"]'  # what the keyboard moves
LONGEST_MS = 90_000
# When the document was last changed, and when a chart was: milliseconds by the page's own clock.
WATCH = """
window.changes = {any: 0, chart: 0, inputs: 0};
const isChart = (node) => node instanceof Element && node.closest('[data-testid="stVegaLiteChart"]');
new MutationObserver((records) => {
  window.changes.any = performance.now();
  if (records.some((record) => isChart(record.target))) window.changes.chart = performance.now();
}).observe(document, {subtree: true, childList: true, characterData: true});
for (const kind of ['keydown', 'pointerdown'])
  document.addEventListener(kind, () => { window.changes.inputs = performance.now(); }, true);
"""
# Streamlit's script is not running, what it left from its last run is gone, and nothing moved for a while.
SETTLED = """(quiet) => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.dataset.testScriptState === 'notRunning' && document.querySelector('h1')
    && !document.querySelector('[data-testid="stSkeleton"]')
    && performance.now() - window.changes.any > quiet;
}"""
ERRORS = ("error", "assert")


@dataclass
class View:
    """One page in one tab, and what came up on the way."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, url: str) -> "View":
        """Goes to a URL and waits until all of it is there."""
        self.page.goto(url)
        return self.settle()

    def settle(self, quiet_ms: int = 300) -> "View":
        """Waits until the page is at rest."""
        self.page.wait_for_function(SETTLED, arg=quiet_ms, timeout=LONGEST_MS)
        return self

    def heading(self) -> str:
        """The heading of the page."""
        return self.page.inner_text("h1").strip()

    def words(self) -> str:
        """Everything that stands in the page's main part."""
        return self.page.inner_text('[data-testid="stMain"]')

    def charts(self) -> int:
        """How many charts are drawn."""
        return self.page.locator(
            '[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg.marks'
        ).count()

    def changes(self) -> dict[str, float]:
        """When something last changed, milliseconds since the page was asked for."""
        found: dict[str, float] = self.page.evaluate("window.changes")
        return found

    def strangers(self, address: str) -> list[str]:
        """Requests that went anywhere but to the server of this page."""
        own = (address, address.replace("http://", "ws://"), "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]


def new_view(browser: Browser | BrowserContext, **settings: Any) -> View:
    """Opens a tab of a user of its own (a context: one more tab of the same user) and keeps what it complains about."""
    page = browser.new_page(**settings)
    view = View(page)
    page.add_init_script(WATCH)
    page.on("console", lambda message: _keep_error(view, message))
    page.on("pageerror", lambda error: view.errors.append(f"uncaught: {error}"))
    page.on("request", lambda request: _keep_request(view, request))
    page.on("websocket", lambda socket: view.requests.append(socket.url))
    page.set_default_timeout(LONGEST_MS)
    return view


def _keep_error(view: View, message: ConsoleMessage) -> None:
    if message.type in ERRORS:
        view.errors.append(message.text)


def _keep_request(view: View, request: Request) -> None:
    view.requests.append(request.url)
