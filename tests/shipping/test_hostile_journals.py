"""Whatever a journal holds, it is read: nothing raises, no span ends before it begins, the four parts add up."""

import random
import shutil
from pathlib import Path

import pytest
from hostile_journals import SEGMENTS, damaged, framed, gigantic_story, random_story, stories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.capture.asleep import MOST_PARTS
from tracker.capture.segments import Segment, read_segment
from tracker.capture.spans import OPEN, fold
from tracker.shipping.accounting import account
from tracker.shipping.edited_index import EditedIndex
from tracker.shipping.record import digest_of, iteration_record, job_records

LAST_YEAR_US = 9_000 * 366 * 86_400 * 1_000_000  # what an ISO date can say
quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
long = settings(quick, max_examples=2_000)


def check(segments, is_alive):
    """Reads segments up to what MLflow would be told, and looks at every length in it."""
    iterations = fold(segments, lambda opening: is_alive)
    assert len({one.iteration for one in iterations}) == len(iterations)
    for iteration in iterations:
        assert (iteration.ended_at is None) == (iteration.status == OPEN)
        assert is_alive or iteration.ended_at is not None
        end = iteration.last_at if iteration.ended_at is None else iteration.ended_at
        assert 0 <= iteration.started_at <= end < LAST_YEAR_US
        assert len({span.span for span in iteration.spans}) == len(iteration.spans)
        for span in iteration.spans:
            check_span(span, iteration)
        check_record(iteration)


def check_liveness(segments, alive, alive_later):
    """Who keeps an iteration open does not hang on who lives; the sync asks by it what a fold would answer."""
    for iteration, later in zip(fold_with(segments, alive), fold_with(segments, alive_later), strict=True):
        assert iteration.keepers == later.keepers
        was_ended = not iteration.keepers
        assert (later.status == OPEN) == (not was_ended and bool(alive_later.intersection(iteration.keepers)))
        assert later.is_end_estimated == (not was_ended and later.status != OPEN)


def fold_with(segments, alive):
    return fold(segments, lambda opening: opening["segment"] in alive)


def check_span(span, iteration):
    assert iteration.started_at <= span.enabled_at <= span.started_at < LAST_YEAR_US
    assert span.ended_at is None or span.started_at <= span.ended_at < LAST_YEAR_US
    assert (span.ended_at is None) == (span.status == OPEN)
    assert iteration.ended_at is None or span.ended_at is not None
    assert span.kind in ("phase", "job", "stage", "decision")
    if span.kind == "decision":
        assert span.enabled_at == span.started_at == span.ended_at


def check_record(iteration):
    run, jobs = iteration_record(iteration), job_records(iteration)
    assert digest_of(run, *jobs.values())
    for record in (run, *jobs.values()):
        assert all(seconds >= 0 for seconds in record.metrics.values())
        assert record.ended_ms is None or record.ended_ms >= record.started_ms
        texts = [record.name, *record.tags.values(), *record.params.values(), *record.tags, *record.params]
        assert "\0" not in "".join(texts).encode("utf-8").decode()
        assert max(map(len, record.tags.values())) <= 8_000
    if iteration.ended_at is not None:
        parts = sum(vars(account(iteration)).values())
        assert parts == pytest.approx((iteration.ended_at - iteration.started_at) * 1e-6, abs=1e-5, rel=1e-9)


def segments_of(story):
    return [Segment(Path(f"{name}.journal"), told, []) for name, told in sorted(story.items())]


@quick
@given(story=stories(), is_alive=st.booleans())
def test_any_story_is_read_and_no_length_is_negative(story, is_alive):
    """Any kinds in any order, foreign and doubled ids, wrong types, ranks, clocks that jump, attempts, cells."""
    check(segments_of(story), is_alive)


@quick
@given(story=stories(), alive=st.sets(st.sampled_from(SEGMENTS)), later=st.sets(st.sampled_from(SEGMENTS)))
def test_whether_an_iteration_goes_on_follows_from_its_keepers_alone(story, alive, later):
    """For any story, and any processes of it that live now and later."""
    check_liveness(segments_of(story), alive, later)


@quick
@given(story=stories(), data=st.data())
def test_whatever_happens_to_the_bytes_all_whole_records_are_kept(tmp_path_factory, story, data):
    """Flipped, cut, torn in the midst, garbage in between: each record that was spared is read, in order."""
    contents, spared = data.draw(damaged(story))
    folder = tmp_path_factory.mktemp("damaged")
    read = []
    for name, content in contents.items():
        path = folder / f"{name}.journal"
        path.write_bytes(content)
        read.append(read_segment(path))
        records = framed(story)[name]
        kept = framed({"read": read[-1].events})["read"]
        assert is_subsequence([records[place] for place in spared[name]], kept)
    check(read, data.draw(st.booleans()))
    check_index(folder, read)
    shutil.rmtree(folder)


def check_index(folder, read):
    """What a sync reads by its index, at its first reading and its next, is what a reader of the whole files reads."""
    whole = fold(read, lambda opening: True)
    for _ in range(2):
        index = EditedIndex(folder / "segments.json", folder)
        index.refresh()
        assert index.fold(index.iterations(), lambda opening: True) == whole


def is_subsequence(wanted, found):
    remaining = iter(found)
    return all(one in remaining for one in wanted)


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in range(20_000, 100_000, 20_000))]
)
def test_random_stories_are_read_and_no_length_is_negative(first):
    """Many more, without an eye to what is likely to fail; the number of the story names it again."""
    for number in range(first, first + (1_500 if first == 0 else 20_000)):
        story, is_alive = random_story(random.Random(number)), number % 2 == 0
        try:
            check(segments_of(story), is_alive)
        except Exception as error:
            error.add_note(f"story {number}: {story}")
            raise


@pytest.mark.exhaustive
@pytest.mark.timeout(1_200)
def test_thousands_of_stories():
    """The first claim, for minutes."""
    long(given(story=stories(), is_alive=st.booleans())(lambda story, is_alive: check(segments_of(story), is_alive)))()


def test_an_iteration_of_many_events_is_read_in_time_that_grows_as_they_do():
    """40,000 events with 5,000 sleeps, enqueued jobs of one name, children and attempts: nothing pairs all with all."""
    check(segments_of(gigantic_story(3_000)), is_alive=False)


def test_sleeps_across_many_open_spans_do_not_fill_the_memory():
    """1,000 phases that nobody ends, open across 1,000 sleeps, would be half a million parts."""
    story = gigantic_story(1_000)
    story["a"] = [event for event in story["a"] if event["event"] != "phase_ended"]
    (iteration,) = fold(segments_of(story), lambda opening: True)
    assert len(iteration.spans) < 4_000 + MOST_PARTS
