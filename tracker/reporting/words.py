"""The sentences of a report that hold numbers: headline, cautions, and what each figure shows."""

from collections.abc import Iterable

from tracker.reporting import text
from tracker.reporting.findings import Findings, Question
from tracker.reporting.shares import Share
from tracker.speedup.results import NotEstimable, WhatIf

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
    """Returns what a reader must know, each caution with the regimes it was raised for."""
    raised: dict[str, list[str]] = {}
    for regime in findings.regimes:
        for caution in _cautions_of(findings, regime):
            if regime not in raised.setdefault(caution, []):
                raised[caution].append(regime)
    said = [_with_regimes(caution, regimes, findings) for caution, regimes in raised.items()]
    if findings.best is not None and len(findings.questions) > 1:
        n = len(findings.questions)
        said.append(f"the headline's what-if is the largest of {n} tried: the largest of several tends to be too high")
    return tuple(said)


def best_result(findings: Findings) -> WhatIf | None:
    """Returns the headline's what-if over all iterations."""
    result = findings.best.results[findings.whole] if findings.best else None
    return result if isinstance(result, WhatIf) else None


def say_question(question: Question, findings: Findings) -> str:
    """Returns a what-if as a sentence, with its result in every regime."""
    found = "; ".join(
        f"{text.format_regime(regime)} {text.format_estimate(question.results[regime]).rstrip('.')}"
        for regime in findings.regimes
    )
    return f"With {text.format_changes(question.changes)}: {found}."


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
            yield from (caution for caution in result.cautions if not caution.endswith("no time in these iterations"))


def _with_regimes(caution: str, regimes: list[str], findings: Findings) -> str:
    if len(regimes) == len(findings.regimes):
        return caution
    return f"{caution} ({', '.join(text.format_regime(regime) for regime in regimes)})"
