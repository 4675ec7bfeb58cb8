"""What a home folder holds and what is wrong with it, in sentences: the findings of `doctor`."""

import stat
from collections.abc import Iterator
from pathlib import Path

from tracker.capture.edits import IGNORED
from tracker.capture.home import journal_folder
from tracker.capture.spans import OPEN, RecordedIteration
from tracker.shipping.addresses import shown_uri, store_uri
from tracker.shipping.findings import MOST_NAMED, Finding, many, named
from tracker.shipping.recorded_home import RecordedHome
from tracker.shipping.shipping_checkup import check_shipping

__all__ = ["Finding", "check_home"]

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_home(home: Path, recorded: RecordedHome) -> list[Finding]:
    """Returns what is to be said of a home folder and its journal."""
    return [
        *_places(home, recorded),
        *_permissions(home),
        *check_shipping(home, recorded),
        *_failures(recorded),
        *_damage(recorded),
        *_ends(recorded.iterations),
        *_clocks(recorded.iterations),
        *_edits(recorded),
    ]


def _places(home: Path, recorded: RecordedHome) -> Iterator[Finding]:
    size = sum(segment.path.stat().st_size for segment in recorded.segments if segment.path.exists())
    count, running = len(recorded.iterations), sum(one.status == OPEN for one in recorded.iterations)
    yield Finding(
        "recorded",
        "ok" if count else "note",
        f"{many(count, 'iteration')} ({running} open) in {many(len(recorded.segments), 'segment')}, {size:,} bytes, "
        f"under {journal_folder(home)}",
    )
    yield Finding("recorded", "ok", f"MLflow is at {shown_uri(store_uri(home))}")
    for folder, what in (("imports", "imported spans tables"), ("snapshots", "snapshots of the marts")):
        found = (home / folder).glob("[!.]*")  # not what is being written, or what a kill has left half written
        held = [path for path in found if path.suffix == ".parquet" or path.is_dir()]
        if held:
            yield Finding("recorded", "ok", f"{what}: {len(held)} under {home / folder}")


def _permissions(home: Path) -> Iterator[Finding]:
    paths = [home, *home.rglob("*")] if home.exists() else []
    open_to_others = [path for path in paths if not path.is_symlink() and _mode(path) & OTHERS]
    # What lies in a folder that is closed cannot be reached, whatever its own mode: MLflow makes files as it likes.
    if home.exists() and _mode(home) & OTHERS:
        yield Finding(
            "permissions",
            "problem",
            f"others on this machine can reach {len(open_to_others)} of the files and folders in {home}: "
            f"run `chmod -R go-rwx {home}`",
        )
    elif home.exists():
        yield Finding("permissions", "ok", f"{home} is readable by its owner alone")


def _failures(recorded: RecordedHome) -> Iterator[Finding]:
    failed = {
        segment.path.name: sum(_count(event.get("failures")) for event in segment.events if _has_failed(event))
        for segment in recorded.segments
    }
    for name, failures in failed.items():
        if failures:
            yield Finding(
                "failures",
                "problem",
                f"{many(failures, 'call')} of the hook could not be recorded in the process of journal/{name}; "
                "its stderr said why",
            )
    if not any(failed.values()):
        yield Finding("failures", "ok", "the hook has noted no failure of its own")


def _damage(recorded: RecordedHome) -> Iterator[Finding]:
    for segment in recorded.segments:
        lasting = [one for one in segment.damage if not (one.is_torn_tail and recorded.is_alive(segment))]
        for damage in lasting[:MOST_NAMED]:  # not a record that is being written at this very moment
            kind = "a torn tail" if damage.is_torn_tail else "damage"
            yield Finding(
                "damage",
                "problem",
                f"journal/{segment.path.name}: {kind} of {damage.length_bytes:,} bytes at byte "
                f"{damage.offset_bytes:,} is set aside ({damage.reason}); everything whole around it was kept",
            )
        if len(lasting) > MOST_NAMED:
            lost = sum(one.length_bytes for one in lasting[MOST_NAMED:])
            more = f"{len(lasting) - MOST_NAMED} more damaged places, {lost:,} bytes"
            yield Finding("damage", "problem", f"journal/{segment.path.name}: {more}")
    unbegun = _unbegun(recorded)
    if unbegun:
        yield Finding(
            "damage",
            "problem",
            f"{many(len(unbegun), 'iteration')} without a beginning, lost to damage or to a segment that is gone, so "
            f"that there is nothing to ship: {', '.join(sorted(unbegun)[:MOST_NAMED])}",
        )


def _unbegun(recorded: RecordedHome) -> set[str]:
    told = {
        str(event["iteration"]) for segment in recorded.segments for event in segment.events if event.get("iteration")
    }
    return told - {one.iteration for one in recorded.iterations}


def _ends(iterations: list[RecordedIteration]) -> Iterator[Finding]:
    estimated = [one for one in iterations if one.is_end_estimated]
    killed = [one for one in iterations if one.status == "killed" and not one.is_end_estimated]
    if estimated:
        text = named(estimated, "killed, with an end estimated to be the last event, and censored in estimates")
        yield Finding("ends", "note", text)
    if killed:
        yield Finding("ends", "note", named(killed, "ended as killed"))


def _clocks(iterations: list[RecordedIteration]) -> Iterator[Finding]:
    for one in iterations:
        for note in one.clock_notes:
            yield Finding("clocks", "note", f"{one.iteration} ({one.name}): {note}")


def _edits(recorded: RecordedHome) -> Iterator[Finding]:
    ignored = [one for one in recorded.iterations if IGNORED in one.corrections]
    if recorded.edits:
        yield Finding("edits", "ok", f"{many(len(recorded.edits), 'edit')}: `python -m tracker edit --log` lists them")
    if ignored:
        yield Finding("edits", "note", named(ignored, "left out of marts and estimates by an edit"))


def _has_failed(event: dict[str, object]) -> bool:
    return event.get("event") == "tracker_failed"


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 2**31 else 1


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
