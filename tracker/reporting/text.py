"""The one owner of turning a number into text: pages, charts, reports and the command line all say it the same way.

Three significant digits, human durations, and no number where there is none: what is absent or NaN reads
"not recorded", what could not be estimated reads as its reason.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from tracker.speedup.results import Estimate, NotEstimable, RegimeShare

NOT_RECORDED = "not recorded"
NO_LIMIT = "no limit"
DIGITS = 3
LONGEST = 4_000  # characters of one sentence or cell; a name can be a megabyte

_UNIT = re.compile(r"(?<=\d) (?=(?:%|µs|ms|s|min|h|d)(?!\w))|(?<=\bn) (?==)|(?<=\bn =) (?=\d)")
# Units above a minute are shown with the next smaller one: "3 min 20 s", "2 h 5 min".
_LONG_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_SHORT_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
_PLURALS = {"study": "studies", "person": "people"}

# The words of `tracker.speedup.cautions`, by which a caution is known again.
TAKES_NO_TIME = "takes no time in these iterations"
SCRIPTED = "scripted researcher: no human time"
REGIMES = {
    "toy": "toy models",
    "real": "real models",
    "mixed": "all regimes together",
    "": "no regime recorded",
}
ESTIMANDS = {
    "total": "ratio of total seconds",
    "geometric_mean": "geometric mean of the iterations' ratios",
    "median": "median of the iterations' ratios",
}
EVIDENCE = {
    "what-if": "What-if: recorded iterations replayed with the change; nobody has worked with the changed tool.",
    "measured": "Measured: recorded while the work was done.",
    "imported": "Imported: taken from records that another system kept.",
    "self-report": "Self-report: what a person said, not what a clock recorded.",
}
PARTS = {
    "active": "a phase open and no job queued or running",
    "waiting": "a job queued or running and no phase open",
    "overlapped": "a phase open while a job is queued or running",
    "unattributed": "neither a phase nor a job",
}


def format_number(value: float | None) -> str:
    """Returns three significant digits with thousands separators: `1.82`, `18.0`, `1,820`, `1.20e-05`."""
    if value is None or math.isnan(value):
        return NOT_RECORDED
    if math.isinf(value):
        return NO_LIMIT if value > 0 else f"-{NO_LIMIT}"
    if value == 0:
        return "0"
    rounded = float(f"{value:.{DIGITS - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if not -4 <= exponent < 9:
        return f"{rounded:.{DIGITS - 1}e}"
    return f"{rounded:,.{max(0, DIGITS - 1 - exponent)}f}"


def format_seconds(seconds: float | None) -> str:
    """Returns a duration a person would say: `18.0 ms`, `1.24 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    if seconds is None or not math.isfinite(seconds):
        return format_number(seconds)
    if seconds < 0:
        return f"-{format_seconds(-seconds)}"
    # 59.96 s rounds to 60.0 s, which is a minute.
    return _long_duration(round(seconds)) if seconds >= 59.95 else _short_duration(seconds)


def format_fraction(fraction: float | None) -> str:
    """Returns a share (0 to 1) in percent: `42.0 %`; never 0 % or 100 % for what is not exactly that."""
    if fraction is None or not math.isfinite(fraction):
        return format_number(fraction)
    if 0 < abs(fraction) < 0.0001:
        return "< 0.01 %" if fraction > 0 else "> -0.01 %"
    if 0.9995 <= fraction < 1:
        return "> 99.9 %"
    return "100 %" if fraction == 1 else f"{format_number(fraction * 100)} %"


def format_count(count: int | None, noun: str = "") -> str:
    """Returns a whole number and what it counts: `1 iteration`, `1,204 iterations`, `2 studies`."""
    if count is None:
        return NOT_RECORDED
    plural = noun if count == 1 or not noun else _PLURALS.get(noun, f"{noun}s")
    return f"{count:,} {plural}".strip()


def format_instant(instant: datetime | None) -> str:
    """Returns an instant in UTC to the second: `2026-03-01 12:34:56 UTC`. One without a zone is UTC already."""
    if instant is None:
        return NOT_RECORDED
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return f"{aware:%Y-%m-%d %H:%M:%S} UTC"


def format_speedup(speedup: float | None) -> str:
    """Returns a speedup (baseline seconds / changed seconds): `1.82x`."""
    number = format_number(speedup)
    return f"{number}x" if number[-1].isdigit() else number


def format_interval(interval: tuple[float, float]) -> str:
    """Returns both ends of an interval: `1.41-2.33`; an end that is no plain number or negative takes `to`."""
    low, high = (format_number(end) for end in interval)
    return f"{low}-{high}" if low[-1].isdigit() and high[0].isdigit() and low[0] != "-" else f"{low} to {high}"


def format_estimate(result: Estimate | NotEstimable) -> str:
    """Returns `1.82x (1.41-2.33)`, or why there is no estimate."""
    if isinstance(result, NotEstimable):
        return format_reason(result)
    return f"{format_speedup(result.speedup)} ({format_interval(result.interval)})"


def format_reason(result: NotEstimable) -> str:
    """Returns why there is no estimate and what would make one possible, as a sentence."""
    return f"not estimable: {_without_stop(result.reason)}; {_without_stop(result.remedy)}."


def format_level(level: float) -> str:
    """Returns the nominal coverage of an interval: `95 % interval`."""
    return f"{level * 100:.6g} % interval"


def format_mix(mix: Sequence[RegimeShare]) -> str:
    """Returns the mix of regimes an estimate holds for, by seconds: `32.0 % toy models, 68.0 % real models`."""
    order = list(REGIMES)
    ranked = sorted(mix, key=lambda share: order.index(share.regime) if share.regime in order else len(order))
    return ", ".join(f"{format_fraction(share.fraction)} {format_regime(share.regime)}" for share in ranked)


def format_people(result: Estimate) -> str:
    """Returns of how many people and studies an estimate tells; a scripted researcher is no person."""
    people = "scripted researcher" if SCRIPTED in result.cautions else format_count(result.n_people, "person")
    return f"{people}, {format_count(result.n_studies, 'study')}"


def _short_duration(seconds: float) -> str:
    if seconds == 0:
        return "0 s"
    for unit, size in _SHORT_UNITS:
        # The rounded value decides, so that 0.9996 s reads 1.00 s and not 1,000 ms.
        if float(f"{seconds:.{DIGITS - 1}e}") >= size:
            return f"{format_number(seconds / size)} {unit}"
    return f"< 1 {_SHORT_UNITS[-1][0]}"


def _long_duration(seconds: int) -> str:
    for (unit, size), (finer, finer_size) in pairwise(_LONG_UNITS):
        whole, rest = divmod(round(seconds / finer_size), size // finer_size)
        if whole:
            return f"{whole:,} {unit} {rest} {finer}" if rest else f"{whole:,} {unit}"
    return f"{seconds} s"


def _without_stop(sentence: str) -> str:
    return sentence.strip().rstrip(".")


def format_name(name: str, characters: int = 40) -> str:
    """Returns somebody's name for something on one line: no control or direction marks, at most so many characters."""
    plain = " ".join(readable(name, 8 * characters).split())
    return plain if len(plain) <= characters else f"{plain[: characters - 1].rstrip()}…"


def readable(words: str, characters: int = LONGEST) -> str:
    """Returns words without control and direction marks, cut where no reader would go on."""
    cut = words if len(words) <= characters else f"{words[: characters - 1]}…"
    return "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in cut)


def format_regime(regime: str) -> str:
    """Returns a regime as readers know it: `toy models`, `real models`, or the user's own label."""
    return REGIMES.get(regime) or format_name(regime)


def format_target(target: str) -> str:
    """Returns a target of a change in words: `phase think`, `job train`, `all jobs`, `queue`, `stage load`."""
    kind, _, name = target.partition(":")
    if name:
        return f"{kind} {format_name(name)}"
    return kind if kind == "queue" else f"all {kind}s"


def format_change(change: str) -> str:
    """Returns a change, given as `scale:phase:think:2`, in words: `phase think 2x faster`."""
    verb, _, rest = change.partition(":")
    if verb == "remove":
        return f"{format_target(rest)} removed"
    target, _, numbers = rest.rpartition(":")
    what = format_target(target)
    first, _, second = numbers.partition(",")
    if verb == "scale":
        part = f"{_format_shares(second)} of {what}" if second else what
        return f"{part} {_format_faster(first)}"
    if verb == "cache":
        return f"{_format_shares(first)} of {what} answered by a cache"
    if verb == "parallelise":
        longer = f", each {_format_shares(second)} longer" if second not in ("", "0") else ""
        return f"{what} {first} at a time{longer}"
    if verb == "prune":
        return f"{_format_shares(first)} of {what} dropped"
    if verb == "overlap":
        return f"{what} beside what it waits for" if first == "1" else f"{_format_shares(first)} of {what} overlapped"
    return change


def _format_faster(k: str) -> str:
    """Returns `2x faster`, `2x slower`, or for what is not known exactly `1.5 to 3x faster (stated)`."""
    number, _, source = k.partition("~")
    ends = [float(end) for end in number.split("..")]
    if len(ends) > 1:
        return f"{ends[0]:g} to {ends[-1]:g}x faster (stated)"
    says = f" ({source})" if source else ""
    return f"{ends[0]:g}x faster{says}" if ends[0] >= 1 else f"{1 / ends[0]:.3g}x slower{says}"


def _format_shares(text: str) -> str:
    """Returns `80.0 %`, or for what is not known exactly `60.0 % to 90.0 % (stated)`."""
    number, _, source = text.partition("~")
    ends = [format_fraction(float(end)) for end in number.split("..")]
    if len(ends) > 1:
        return f"{ends[0]} to {ends[-1]} (stated)"
    return f"{ends[0]} ({source})" if source else ends[0]


def format_changes(changes: tuple[str, ...]) -> str:
    """Returns several changes made together, in words."""
    return " and ".join(format_change(change) for change in changes)


def format_part(part: str, name: str) -> str:
    """Returns one of the parts of elapsed time with what it belongs to: `think`, `train (waiting)`, `unattributed`."""
    if not name:
        return part
    return format_name(name) if part == "active" else f"{format_name(name)} ({part})"


def keep_units(sentence: str) -> str:
    """Returns a sentence in which a number and its unit stay on one line."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", sentence)


def describe_evidence(evidence: str) -> str:
    """Returns what a kind of evidence is worth, in one sentence."""
    return EVIDENCE.get(evidence, f"Kind of evidence: {evidence}.")


def describe_estimate(result: Estimate | NotEstimable) -> str:
    """Returns the estimate with all that must stand beside it: interval, level, n, people, studies and evidence."""
    if isinstance(result, NotEstimable):
        return format_reason(result)
    estimand = ESTIMANDS.get(result.estimand, result.estimand)
    counts = f"{format_count(result.n, 'iteration')}, {format_people(result)}"
    return f"{format_estimate(result)}, {format_level(result.level)}, {estimand}, {counts}, {result.evidence}"
