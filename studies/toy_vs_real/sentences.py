"""The report's sentences, each made from the study's numbers."""

from collections.abc import Sequence

from studies.toy_vs_real.effects import Effect
from studies.toy_vs_real.study import REGIMES, Answer, RegimeResult, Study
from studies.toy_vs_real.unknowns import MEASURED
from studies.toy_vs_real.verdicts import CANNOT_TELL, EXCLUDED, SUPPORTED, Verdict
from studies.toy_vs_real.wording import format_percent, format_speedup, format_x

RULE = (
    "The rule: a claim is **supported** where the 95 % interval lies within its band, **excluded** where the two have "
    "no point in common, and otherwise the answer is **cannot tell**. The interval holds the ranges of the scenario, "
    "the error of the measured effects and the chance in which loops were recorded. It does not hold what the scenario "
    "leaves out."
)


def headline(study: Study) -> tuple[str, ...]:
    """The verdicts, what they rest on, and what would move them."""
    first = study.answers[0]
    sentences = [verdict_sentence(answer, name) for answer in study.answers for name in REGIMES]
    return (*sentences, carried_by_assumption(first, "toy"), carried_by_assumption(first, "real"))


def verdict_sentence(answer: Answer, name: str) -> str:
    """What the numbers support, in words."""
    result = answer.regimes[name]
    verdict = result.verdict
    claim = verdict.claim
    band = f"{claim.low:g}-{claim.high:g}x"
    speedup = format_speedup(result.replayed.speedup)
    return (
        f"{answer.scenario.title}, {name} models: the bundle makes the loop {speedup} as fast (95 %, "
        f"{result.replayed.n} iterations). {_outcome(verdict, band)}{_because(verdict, result)}."
    )


def _outcome(verdict: Verdict, band: str) -> str:
    if verdict.outcome == CANNOT_TELL:
        return f"Whether the claim of {band} holds, the numbers **cannot tell**"
    return f"The claim of {band} is **{verdict.outcome}**"


def _because(verdict: Verdict, result: RegimeResult) -> str:
    low, high = result.replayed.speedup.interval
    if verdict.outcome == SUPPORTED:
        return ": the whole interval lies within it"
    if verdict.outcome == EXCLUDED and high < verdict.claim.low:
        return f" under these assumptions: even the upper end, {format_x(high)}, stays below {verdict.claim.low:g}x"
    if verdict.outcome == EXCLUDED:
        return f" under these assumptions: even the lower end, {format_x(low)}, lies above {verdict.claim.high:g}x"
    assert verdict.outcome == CANNOT_TELL, verdict.outcome
    parts = {"below it": verdict.below, "within it": verdict.within, "above it": verdict.above}
    told = ", ".join(f"{format_percent(share)} of the draws lie {where}" for where, share in parts.items() if share > 0)
    return f": {told}"


def carried_by_assumption(answer: Answer, name: str) -> str:
    """How much of the loop is assumed, and how much was measured."""
    result = answer.regimes[name]
    machine = sum(part.fraction.centre for part in result.parts if part.resource == "machine")
    if result.is_own:
        return f"{name}, from the spans given: {format_percent(machine)} of the loop is machine time, as recorded."
    how = "of stated length" if answer.scenario.job_minutes else "measured here"
    return (
        f"{answer.scenario.title}, {name}: {format_percent(1 - machine)} of an iteration is assumed human time and "
        f"{format_percent(machine)} is machine time {how}."
    )


def widest_sentence(answer: Answer, name: str) -> str:
    """What moves the speedup most, and whether any one unknown could bring it into the band."""
    result = answer.regimes[name]
    if not result.swings:
        return f"{answer.scenario.title}, {name}: no unknown bears on it."
    widest = result.swings[0]
    ends = sorted((widest.low, widest.high))
    claim = result.verdict.claim
    able = [one.unknown.words for one in result.swings if _reaches(one.low, one.high, claim.low, claim.high)]
    inside = claim.low <= result.replayed.speedup.centre <= claim.high
    moved = (
        f"alone could bring it into the claimed band: {', '.join(able)}" if able else "alone brings it into the band"
    )
    reach = "" if inside else (f" What {moved}." if able else f" None {moved}.")
    return (
        f"{answer.scenario.title}, {name}: {widest.unknown.words} ({widest.unknown.kind}) moves the speedup most, from "
        f"{format_x(ends[0])} to {format_x(ends[1])}.{reach} With every number that was not measured here at its "
        f"unfavourable end at once the speedup would be {format_x(result.extremes[0])}, at its favourable end "
        f"{format_x(result.extremes[1])}."
    )


def _reaches(one: float, other: float, low: float, high: float) -> bool:
    """Whether the way from one end to the other passes through the band."""
    return max(one, other) >= low and min(one, other) <= high


def machine_sentence(study: Study) -> str:
    """The scripted loops alone: what the tools do where no person is."""
    parts = [f"{check.study} {_ratio(check.measured)}" for check in study.checks]
    apart = [abs(check.predicted / check.measured.ratio - 1) for check in study.checks if check.predicted]
    return (
        "In the recorded loops, turned by a program, the machine's tools together made the loop faster by: "
        + "; ".join(parts)
        + ". That is the largest number that these machines can show, and it is no speedup of research: no person is "
        f"in it. Replaying the tools one by one comes within {format_percent(max(apart))} of all on together."
    )


def _ratio(effect: Effect) -> str:
    low, high = effect.interval
    return f"{format_x(effect.ratio)} ({low:.2f}-{high:.2f})"


def limits(study: Study) -> Sequence[str]:
    """What a reader must not take from this."""
    first = study.answers[0]
    all_assumed = " Every one of them is assumed, none has a source." if first.scenario.is_all_assumed else ""
    measured = sum(one.kind == MEASURED for one in _unknowns(study))
    return (
        "A person's minutes come from the scenario, not from a clock."
        + all_assumed
        + " Your own logs take their place: "
        "`python -m studies.toy_vs_real --spans FILE`.",
        "A scripted researcher neither thinks nor doubts: its policy fixes how many variants it tries and when a lead "
        "is called murky. How many decision points there are and which are murky are outcomes of that policy on these "
        "metrics, not of people's habits. People may also use saved time to try more, which no loop length shows.",
        "The tools are those of this bundle. Six to twelve months of tooling may build others; a tool that is not in "
        "the bundle cannot be excluded by it. So 'excluded' is said of the claim for this bundle under these ranges.",
        "What the machine's tools do was measured on two CPU cores that other programs kept busy, at settings far "
        "below full size (the load is told below), and is carried over to stated run times unchanged but for jobs side "
        "by side: there each has a device of its own, and slows the others by an assumed range. A cluster that runs "
        "sweeps side by side already would gain nothing from that.",
        _decisions(study),
        "Waiting is counted as lost. Somebody who works on something else while jobs run, or sleeps, loses less, and "
        f"gains less from faster jobs. {measured} of the unknowns were measured, all others stated or assumed.",
        "`think` is touched by no tool of the bundle.",
        "The claims have no stated list of tools, no stated mix of work and no measured baseline; their words are "
        "taken at face value, each with its own baseline.",
    )


def _decisions(study: Study) -> str:
    """Where a tool led to another decision than the baseline on the same plan."""
    other = [
        f"{arm.replace('_', ' ')} in {check.study} ({of - same} of {of})"
        for check in study.checks
        for arm, (same, of) in check.same_decisions.items()
        if same < of
    ]
    if not other:
        return "Every arm came to the baseline's decision on every plan."
    return (
        f"Not every arm came to the baseline's decision on the same plan; another was taken by {', '.join(other)}. A "
        "tool that changes decisions saves time on a different answer. Models that train side by side draw other rows, "
        "and at these short settings neighbouring variants lie within the spread of their seeds."
    )


def _unknowns(study: Study) -> Sequence[object]:
    seen = {
        swing.unknown.name: swing.unknown
        for one in study.answers
        for name in REGIMES
        for swing in one.regimes[name].swings
    }
    return list(seen.values())
