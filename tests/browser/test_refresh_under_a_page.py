"""A refresh while somebody looks: the page keeps what it showed, and offers the newer numbers."""

import shutil
from urllib.parse import parse_qs, urlsplit

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import stores
from serving import Server, serving

from tracker.loops.refresh import refresh


@pytest.fixture
def growing(tmp_path, chromium) -> Server:
    """A server over a home that holds the sample's toy loops, and not yet its real ones."""
    home = tmp_path / "home"
    (home / "imports").mkdir(parents=True, mode=0o700)
    spans = pq.read_table(stores.SAMPLE)
    pq.write_table(spans.filter(pc.equal(spans["regime"], "toy")), home / "imports" / "toy.parquet")
    refresh(home)
    with serving(home, tmp_path / "server.log") as server:
        yield server


def snapshot(view) -> str:
    return parse_qs(urlsplit(view.page.url).query)["snapshot"][0]


def test_a_refresh_leaves_an_open_page_as_it_was_and_offers_the_newer_numbers(growing, look):
    """Before: toy alone. After a refresh and a move, still toy alone; one button later, toy and real."""
    view = look(growing)
    first = snapshot(view)
    assert "24 iterations" in view.words()
    shutil.copyfile(stores.SAMPLE, growing.home / "imports" / "zzz-all.parquet")
    newer = refresh(growing.home).manifest.snapshot
    view.page.reload()
    view.settle()
    assert snapshot(view) == first != newer
    assert "20 iterations" not in view.words()
    view.page.get_by_text("There is a newer snapshot").wait_for()
    view.page.get_by_role("button", name="Open the latest").click()
    view.page.wait_for_url(f"**{newer}*")
    view.settle()
    assert "20 iterations" in view.words()
    assert view.errors == []


def test_a_link_to_a_snapshot_that_was_removed_says_so_and_leads_on(growing, look):
    """No traceback and no other numbers in its place: a sentence, and the way to the latest."""
    view = look(growing, "", snapshot="20200101T000000Z-000000000000")
    assert "was removed" in view.words()
    view.page.get_by_role("button", name="Open the latest").click()
    view.page.wait_for_function("!location.search.includes('20200101')")
    view.settle()
    assert "24 iterations" in view.words()
