"""What stands beside a measured speedup, in sentences that page, report and command line share."""

from collections.abc import Iterator

from tracker.reporting.text import (
    format_count,
    format_fraction,
    format_interval,
    format_level,
    format_number,
    format_reason,
    format_speedup,
)
from tracker.speedup.measured.guards import Guard
from tracker.speedup.measured.results import Checks, Measurement
from tracker.speedup.results import NotEstimable


def describe_checks(found: Measurement) -> Iterator[str]:
    """Yields one line for each check: its name, a colon, what came out."""
    if found.assignment is not None:
        yield f"assignment: {found.assignment.words}"
    if isinstance(found.sample_ratio, NotEstimable):
        yield f"sample ratio: {format_reason(found.sample_ratio)}"
    elif found.sample_ratio is not None:
        ratio = found.sample_ratio
        planned = format_fraction(ratio.planned_fraction)
        verdict = "not by chance" if ratio.is_off else "as planned"
        yield (
            f"sample ratio: {ratio.n_baseline:,} + {ratio.n_changed:,} where {planned} were to be changed, "
            f"p = {format_number(ratio.p_value)}, {verdict}"
        )
    for guard in found.guards:
        yield f"{describe_guard_name(guard)}: {describe_guard(guard)}"
    if found.checks is not None:
        yield from _checks(found.checks)


def describe_guard_name(guard: Guard) -> str:
    """Returns the guard metric as readers know it: `reversed decisions`."""
    return guard.name.replace("_", " ")


def describe_guard(guard: Guard) -> str:
    """Returns both arms' shares and their difference with its interval."""
    difference = "more" if guard.difference > 0 else "fewer"
    low, high = guard.interval
    return (
        f"{format_fraction(guard.baseline_fraction)} → {format_fraction(guard.changed_fraction)} of iterations, "
        f"{format_fraction(abs(guard.difference))} {difference} ({format_fraction(low)} to {format_fraction(high)})"
    )


def describe_course(found: Measurement) -> str:
    """Returns whether the effect wears off or grows after it landed, in a sentence; else why that is not known."""
    course = found.checks.over_time if found.checks else None
    if course is None:
        return ""
    if isinstance(course, NotEstimable):
        return format_reason(course)
    low, high = course.interval
    verdict = "it wears off" if high < 1 else "it grows" if low > 1 else "whether it wears off or grows cannot be told"
    return (
        f"The effect of the later half of the changed iterations is {format_number(course.later_over_earlier)} "
        f"({format_interval(course.interval)}, {format_level(course.level)}) times that of the earlier half: {verdict}"
    )


def _checks(checks: Checks) -> Iterator[str]:
    permutation = checks.permutation
    if isinstance(permutation, NotEstimable):
        yield f"permutation: {format_reason(permutation)}"
    else:
        yield f"permutation: p = {format_number(permutation.p_value)}, shuffling {permutation.words}"
    yield f"rank sum: p = {format_number(checks.rank_sum_p_value)}, nothing held constant"
    placebo = checks.placebo
    if isinstance(placebo, NotEstimable):
        yield f"placebo: {format_reason(placebo)}"
    else:
        yield f"placebo: {format_speedup(placebo.speedup)} ({format_interval(placebo.interval)}), {placebo.words}"
    yield f"over time: {_over_time(checks)}"
    if checks.unfinished is not None:
        yield f"unfinished: {_unfinished(checks)}"
    if checks.by_study is not None:
        yield f"studies: {_by_study(checks)}"


def _over_time(checks: Checks) -> str:
    course = checks.over_time
    if isinstance(course, NotEstimable):
        return format_reason(course)
    parts = ", ".join(f"{format_speedup(part.speedup)} in {part.first}-{part.last}" for part in course.parts)
    ratio = f"{format_number(course.later_over_earlier)} ({format_interval(course.interval)})"
    return f"{parts} of the changed iterations; later over earlier {ratio}"


def _unfinished(checks: Checks) -> str:
    bounds = checks.unfinished
    if bounds is None or isinstance(bounds, NotEstimable):
        return format_reason(bounds) if bounds else ""
    counts = ", ".join(
        f"{sum(pair)} {status}"
        for status, pair in (("open", bounds.n_open), ("killed", bounds.n_killed), ("failed", bounds.n_failed))
        if sum(pair)
    )
    return (
        f"{counts}; between {format_speedup(bounds.worst)} and {format_speedup(bounds.best)} "
        f"({format_interval(bounds.interval)}) if those killed or failed were the worst they could be"
    )


def _by_study(checks: Checks) -> str:
    pooled = checks.by_study
    if pooled is None or isinstance(pooled, NotEstimable):
        return format_reason(pooled) if pooled else ""
    return (
        f"{format_speedup(pooled.speedup)} ({format_interval(pooled.interval)}) over "
        f"{format_count(len(pooled.studies), 'study')}, one more within {format_interval(pooled.next_interval)}"
    )
