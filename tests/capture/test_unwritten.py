"""What the journal did not take is written once, in order, when it takes events again."""

import signal
import threading

import pytest

import tracker
from tests.capture.homes import events_in
from tracker.capture import home, recorder
from tracker.capture.clock import Clock
from tracker.capture.complaint import Stderr
from tracker.capture.recorder import Recorder
from tracker.capture.unwritten import MOST_KEPT, Unwritten
from tracker.testing import FakeClock, MemoryJournal


class FullDisk(MemoryJournal):
    """Takes what it is told to take; the first event it refuses after that is refused for want of room."""

    def __init__(self, room):
        super().__init__()
        self.room = room

    def append(self, payload):
        if self.room <= 0:
            raise OSError(28, "No space left on device")
        self.room -= 1
        super().append(payload)


@pytest.fixture
def silent(monkeypatch):
    """What goes wrong on purpose is not said in the output of the tests."""
    monkeypatch.setattr(recorder, "stderr", Stderr())
    monkeypatch.setattr(recorder.stderr, "_said", True)


def test_an_event_is_written_once_though_the_disk_fills_up_while_catching_up(silent):
    """What the journal took before it was full again must not be kept and written a second time."""
    journal = FullDisk(room=0)
    own = Recorder(FakeClock(), journal)
    own.record("decided", ',"span":"a"')
    journal.room = 1
    own.record("decided", ',"span":"b"')
    journal.room = 100
    own.record("decided", ',"span":"c"')
    spans = [event["span"] for event in journal.events if event["event"] == "decided"]
    assert sorted(spans) == ["a", "b", "c"]


def test_threads_that_catch_up_at_once_write_each_event_once(silent):
    """Two that both saw the same event at the head would write it twice, and drop the next."""
    unwritten, written = Unwritten(), []
    for number in range(MOST_KEPT):
        unwritten.keep(str(number))
    barrier = threading.Barrier(8)

    def catch_up():
        barrier.wait()
        unwritten.write(written.append, lambda: None)

    threads = [threading.Thread(target=catch_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written == [str(number) for number in range(MOST_KEPT)]


def test_the_oldest_are_given_up_when_there_are_too_many():
    """A disk that stays full must not fill the memory."""
    unwritten, written = Unwritten(), []
    for number in range(MOST_KEPT + 5):
        unwritten.keep(str(number))
    unwritten.write(written.append, lambda: None)
    assert written == [str(number) for number in range(5, MOST_KEPT + 5)]


def test_a_signal_whose_handler_records_while_the_journal_is_opened_neither_blocks_nor_loses(
    tmp_path, monkeypatch, capfd
):
    """The thread that opens the journal would wait for itself; what the handler recorded is written a moment later."""
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path))
    monkeypatch.setenv("TRACKER_AUTOSYNC", "0")
    create_home = home.create_home

    def interrupted(path):
        signal.raise_signal(signal.SIGUSR1)
        return create_home(path)

    monkeypatch.setattr(home, "create_home", interrupted)
    own = Recorder(Clock())
    before = signal.signal(signal.SIGUSR1, lambda *_: own.record("decided", ',"iteration":"i","span":"x"'))
    try:
        with recorder.replaced(own), tracker.iteration("one", study="s") as it:
            it.decide("go on")
    finally:
        signal.signal(signal.SIGUSR1, before)
        own.close()
    spans = [event.get("span") for event in events_in(tmp_path) if event["event"] == "decided"]
    assert (len(spans), spans.count("x")) == (2, 1)
    assert (own.failures, capfd.readouterr().err) == (0, "")
