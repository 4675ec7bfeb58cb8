"""What is timed, all of it by the page's own clock: from the request to the last change of the document."""

from __future__ import annotations

import os
import sys
from typing import Any

from bench_hook.rounds import repository
from playwright.sync_api import Browser

sys.path.insert(0, str(repository() / "tests" / "browser"))

from serving import Server
from watching import PAGES, SLIDER, View, new_view

from bench_dashboard.processors import browser_processes, spent

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
AT_REST_SECONDS = 0.02  # of a processor in each look: a browser that has come up uses less
LOOK_MS = 250
CHART = "?chart=1"  # of the plain page
LONGEST_LOOKS = 40


def measure_pages(browser: Browser, server: Server, rounds: int) -> list[dict[str, Any]]:
    """For each page: the first view since the server started, and views of new sessions after it."""
    return [_measure_page(browser, server, name, page, rounds) for name, page in PAGES.items()]


def measure_floor(browser: Browser, server: Server, rounds: int, moves: int) -> dict[str, Any]:
    """The same of a page of Streamlit's that has nothing to compute: with a sentence, and with a slider and a chart."""
    pages = {"a sentence": "", "a sentence, a slider and a chart": CHART}
    return {
        "pages": [
            _measure_page(browser, server, "Plain", page, rounds) | {"name": name} for name, page in pages.items()
        ],
        "control": measure_control(browser, server, moves, CHART),
    }


def measure_control(browser: Browser, server: Server, moves: int, page: str = "what-if") -> dict[str, Any]:
    """Moves k of the what-if by one step, so many times: from the key to the new chart, and to all of the page."""
    view = _new_window(browser)
    view.open(server.url(page))
    _move(view, "ArrowRight")  # the first replay draws what later ones have
    to_chart, to_rest = zip(*(_move(view, "ArrowRight") for _ in range(moves)), strict=True)
    again = [_move(view, "ArrowLeft")[0] for _ in range(moves // 2)]
    view.page.close()
    return {"to_chart_ms": list(to_chart), "to_rest_ms": list(to_rest), "seen_before_to_chart_ms": again}


def measure_crowd(browser: Browser, server: Server, viewers: int) -> dict[str, Any]:
    """So many people open the overview at once, and then all of them the what-if; each in a session of its own."""
    views = [new_view(browser) for _ in range(viewers)]
    found: dict[str, Any] = {}
    for name in ("Overview", "What-if"):
        before = _processor_seconds(server)
        for view in views:
            view.page.goto(server.url(PAGES[name]), wait_until="commit")
        seconds = []
        for view in views:
            view.settle()
            seconds.append(_last_change(view))
        found[name] = {"seconds": seconds, "server_processor_seconds": _processor_seconds(server) - before}
    found["errors"] = [error for view in views for error in view.errors]
    for view in views:
        view.page.close()
    return found


def _measure_page(browser: Browser, server: Server, name: str, page: str, rounds: int) -> dict[str, Any]:
    seconds, costs = [], []
    for _ in range(rounds + 1):
        view = _new_window(browser)
        before, served = spent(browser_processes()), _processor_seconds(server)
        view.open(server.url(page))
        assert view.heading() == name, f"{page} shows {view.heading()}"
        seconds.append(_last_change(view))
        cost = spent(browser_processes()) - before
        costs.append((cost.ran_seconds, cost.waited_seconds, _processor_seconds(server) - served))
        charts, errors = view.charts(), view.errors
        view.page.close()
    sys.stderr.write(f"{name}: first {seconds[0]:.2f} s, then {min(seconds[1:]):.2f}-{max(seconds[1:]):.2f} s\n")
    browser_ran, browser_waited, server_ran = (list(each) for each in zip(*costs[1:], strict=True))
    return {
        "name": name, "first_seconds": seconds[0], "seconds": seconds[1:], "charts": charts, "errors": errors,
        "browser_processor_seconds": browser_ran, "browser_waited_seconds": browser_waited,
        "server_processor_seconds": server_ran,
    }  # fmt: skip


def _new_window(browser: Browser) -> View:
    """A window of a new user, once the browser has done what it does for each new window, which is none of ours."""
    view = new_view(browser)
    for _ in range(LONGEST_LOOKS):
        before = spent(browser_processes())
        view.page.wait_for_timeout(LOOK_MS)
        if (spent(browser_processes()) - before).ran_seconds < AT_REST_SECONDS:
            break
    return view


def _move(view: View, key: str) -> tuple[float, float]:
    """Milliseconds from the key to the last change of a chart, and to the last change of the page."""
    view.page.locator(SLIDER).first.press(key)
    view.settle(400)
    changes = view.changes()
    return changes["chart"] - changes["inputs"], changes["any"] - changes["inputs"]


def _last_change(view: View) -> float:
    return view.changes()["any"] / 1_000


def _processor_seconds(server: Server) -> float:
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
