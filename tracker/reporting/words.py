"""The sentences of a report that hold numbers: headline, cautions, and what each figure shows."""

import re
from collections.abc import Iterable, Mapping

from tracker.reporting import text
from tracker.reporting.findings import Findings
from tracker.reporting.shares import Share
from tracker.speedup.results import NotEstimable, WhatIf

_COUNT = re.compile(r"\d+")

NOTHING = (
    "No finished iteration has been recorded yet, so nothing can be estimated. Record loops with the hook "
    "(`import tracker`), then run `python -m tracker sync`, `python -m tracker refresh` and this report again."
)


def headline(findings: Findings) -> tuple[str, ...]:
    """Returns where the time goes and what the best what-if would give, with all that these rest on."""
    if not findings.iterations:
        return (NOTHING,)
    largest: dict[str, Share] = {}
    for share in findings.shares:
        largest.setdefault(share.regime, share)
    where = "; ".join(f"on {text.format_regime(regime)}, {_say_share(share)}" for regime, share in largest.items())
    return (f"Most of the wall-clock goes here: {where}.", _say_best(findings))


def cautions(findings: Findings) -> tuple[str, ...]:
    """Returns what a reader must know; cautions that differ only in their counts are said once, with their regimes."""
    raised: dict[str, dict[str, str]] = {}
    for regime in findings.regimes:
        for caution in _cautions_of(findings, regime):
            raised.setdefault(_COUNT.sub("#", caution), {}).setdefault(regime, caution)
    said = [_with_regimes(by_regime, findings) for by_regime in raised.values()]
    if findings.best is not None and len(findings.questions) > 1:
        n = len(findings.questions)
        said.append(f"the headline's what-if is the largest of {n} tried: the largest of several tends to be too high")
    return tuple(said)


def best_result(findings: Findings) -> WhatIf | None:
    """Returns the headline's what-if over all iterations."""
    result = findings.best.results[findings.whole] if findings.best else None
    return result if isinstance(result, WhatIf) else None


def _say_share(share: Share) -> str:
    what = {"waiting": "waiting for {}", "overlapped": "{} while a job runs", "active": "{}"}.get(share.part, "{}")
    named = what.format(_thing(share))
    counted = f"{text.format_count(share.n, 'iteration')}, {share.evidence}"
    if isinstance(share.interval, NotEstimable):
        reason = text.format_reason(share.interval).rstrip(".")
        return f"{named} takes {text.format_fraction(share.fraction)} ({counted}; interval {reason})"
    low, high = (text.format_fraction(end) for end in share.interval)
    interval = f"{text.format_level(share.level)} {low} to {high}"
    return f"{named} takes {text.format_fraction(share.fraction)} of it ({interval}; {counted})"


def _thing(share: Share) -> str:
    if share.part == "unattributed":
        return "time that is neither in a phase nor in a job"
    if share.part == "waiting":
        return "jobs in the queue" if share.name == "queue" else f"job {text.format_name(share.name)}"
    return f"phase {text.format_name(share.name)}"


def _say_best(findings: Findings) -> str:
    result = best_result(findings)
    if result is None or findings.best is None:
        refused = [found for question in findings.questions for found in question.results.values()]
        reason = next((text.format_reason(found) for found in refused if isinstance(found, NotEstimable)), "")
        return f"What a tooling change would do is {reason or 'not estimable: no change was asked about.'}"
    among = f"Of {text.format_count(len(findings.questions), 'what-if')} tried, the largest speedup of the whole loop"
    mix = f"mix by seconds: {text.format_mix(result.mix)}"
    return f"{among} is with {text.format_changes(findings.best.changes)}: {text.describe_estimate(result)}; {mix}."


def _cautions_of(findings: Findings, regime: str) -> Iterable[str]:
    yield from findings.breakdowns[regime].cautions
    for question in findings.questions:
        result = question.results[regime]
        if isinstance(result, WhatIf):
            yield from (caution for caution in result.cautions if not caution.endswith(text.TAKES_NO_TIME))


def _with_regimes(by_regime: Mapping[str, str], findings: Findings) -> str:
    caution = next(iter(by_regime.values()))
    same = len(set(by_regime.values())) == 1
    if same and len(by_regime) == len(findings.regimes):
        return caution
    names = [text.format_regime(regime) for regime in by_regime]
    likewise = f", likewise {' and '.join(names[1:])}" if len(names) > 1 else ""
    return f"{caution} ({names[0]}{likewise})"
