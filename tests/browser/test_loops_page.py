"""The Loops page in a browser: a wait leads to its iteration, and what is open now is shown while it is."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import stores
from serving import Server, serving

RECORD = """\
import sys, tracker
with tracker.iteration("never ending", study="live-study", regime="toy") as it:
    with it.phase("implement"):
        pass
    with it.job("train"):
        print("open", flush=True)
        sys.stdin.readline()
    print("closed", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def own(tmp_path, chromium) -> Iterator[Server]:
    """A server over a home of its own, in which somebody can record."""
    home = stores.make_sample(tmp_path / "home")
    with serving(home, tmp_path / "server.log") as server:
        yield server


@pytest.fixture
def recording(own) -> Iterator[subprocess.Popen[str]]:
    """An experiment that has opened an iteration and is in the middle of its job, until a line comes in."""
    environment = {**os.environ, "TRACKER_HOME": str(own.home), "TRACKER_AUTOSYNC": "0"}
    process = subprocess.Popen(
        [sys.executable, "-c", RECORD],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.communicate()


def test_an_iteration_that_is_open_now_is_shown_with_what_goes_on_in_it(own, recording, look):
    """While its job runs the page says so; once the job has ended, the page says that nothing goes on, unasked."""
    view = look(own, "loops")
    # What the server's own first look found stands for some seconds; the page asks again by itself.
    view.page.get_by_text("Open now: 1 iteration").wait_for()
    view.settle()
    assert "never ending" in view.words()
    assert "job train" in view.words()
    recording.stdin.write("\n")
    recording.stdin.flush()
    assert recording.stdout.readline() == "closed\n"
    view.page.get_by_role("cell", name="nothing", exact=True).wait_for()
    assert "never ending" in view.words()
    assert view.errors == []


def test_choosing_a_wait_opens_its_iteration(sample, look):
    """The first of the week's longest waits: its waterfall is drawn, and the link names it; then another one."""
    view = look(sample, "loops")
    before = view.page.locator("h3").first.inner_text()
    waits = view.page.locator('[data-testid="stExpander"]', has_text="longest waits")

    def choose(number):
        box = waits.get_by_label("Show the iteration of a wait")
        box.scroll_into_view_if_needed()
        view.settle()  # a list that is open closes when the page scrolls
        box.click()
        view.page.get_by_role("option", name=re.compile(rf"^{number}: ")).click()

    choose(1)
    view.page.wait_for_url("**iteration=*")
    view.settle()
    named = {name: values[0] for name, values in parse_qs(urlsplit(view.page.url).query).items()}
    assert view.page.locator("h3").first.inner_text() != before
    assert f"iteration {named['iteration']}" in view.words()
    assert view.charts() >= 1
    assert view.errors == []
    again = look(sample).open(view.page.url)
    assert f"iteration {named['iteration']}" in again.words()
    choose(2)
    view.settle()
    assert view.words() != again.words()
    assert view.errors == []
