"""What a sceptical reviewer asks, answered from the data or said not to be answerable, for pages and reports."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tracker.reporting import text
from tracker.reporting.facts import ArmFacts, Facts
from tracker.reporting.kept_plans import Course
from tracker.reporting.measured_words import describe_guard, describe_guard_name
from tracker.speedup import Measured, Measurement, NotEstimable
from tracker.speedup.forecasting.scores import Scoreboard

NOT_ANSWERABLE = "Not answerable from this data"
NO_TOOL = "no iteration says which arm of a tooling change it was in, so nothing was measured"


@dataclass(frozen=True)
class Material:
    """What answers are made from.

    Attributes:
        snapshot: Its id; empty for a table without one.
        facts: Counts over its iterations.
        measurements: From tool to what was measured of it.
        board: How forecasts came out, or why none is scored.
        courses: From tool to the plan in force beside what was done.
    """

    snapshot: str
    facts: Facts
    measurements: Mapping[str, Measurement]
    board: Scoreboard | NotEstimable
    courses: Mapping[str, Course]


@dataclass(frozen=True)
class Answer:
    """One question and what the data say; `is_answered` is False where they cannot say."""

    question: str
    words: str
    is_answered: bool = True


@dataclass(frozen=True)
class Said:
    """What one tool's measurement says to a question; `is_known` is False where it is a reason why it says nothing."""

    words: str
    is_known: bool = True


def answer_sceptic(material: Material) -> tuple[Answer, ...]:
    """Answers every question of a sceptical reviewer, always all of them and in the same order."""
    facts, tools, courses = material.facts, material.measurements, material.courses
    return (
        Answer("What is an iteration, and what would come out under other rules?", _iteration(facts)),
        Answer("Is overlapped waiting counted?", _overlap(facts)),
        _of_tools("How was the arm assigned?", tools, lambda tool, found: _assigned(found, courses.get(tool))),
        _opted_out(facts, courses),
        _of_tools("Does it wear off, or was it only new?", tools, lambda _, found: _novelty(found)),
        _what_else(facts),
        _of_tools("Is the work as good as before?", tools, lambda _, found: _quality(found)),
        _of_tools("How much would noise alone show, with nothing changed?", tools, lambda _, found: _noise(found)),
        Answer("How many people is this?", _people(facts)),
        Answer("Toy or real?", _regimes(facts)),
        Answer("Is the queue included?", _queue(facts)),
        _of_tools("Did you peek?", tools, lambda tool, found: _peeking(found, courses.get(tool))),
        _negative(tools, material.board),
        Answer("Can I recompute it?", _recompute(material)),
        Answer("Who sees my data?", WHO_SEES),
    )


WHO_SEES = (
    "Whoever can read this home folder, which is its owner alone: nothing leaves the machine, pages are served to it "
    "alone, there is no telemetry. No page names or ranks a person. Where loops of others are in a store, they are "
    "somebody's measurements, not yours to pass on: a report's text counts people and names none, but the data in its "
    "zip holds pseudonyms and what was written as free text."
)


def not_answerable(question: str, reason: str) -> Answer:
    """The answer where the data cannot say."""
    return Answer(question, f"{NOT_ANSWERABLE}: {reason}.", is_answered=False)


def _of_tools(question: str, tools: Mapping[str, Measurement], say: Callable[[str, Measurement], Said]) -> Answer:
    """One sentence for each measured tool, or that none was measured; answered where one of them has an answer."""
    said = {tool: say(tool, found) for tool, found in tools.items()}
    if not tools:
        return not_answerable(question, NO_TOOL)
    words = ". ".join(f"{text.format_name(tool)}: {one.words}" for tool, one in said.items())
    if any(one.is_known for one in said.values()):
        return Answer(question, f"{words}.")
    return not_answerable(question, words)


def _iteration(facts: Facts) -> str:
    n = text.format_count(facts.iterations, "iteration")
    rule = (
        f"One turn of the loop, from the idea to the decision that ends it, as whoever recorded it set its ends; "
        f"{n} here, of which {text.format_count(facts.finished)} finished and are counted."
    )
    return f"{rule} {' '.join(_other_rules(facts))}"


def _other_rules(facts: Facts) -> Iterator[str]:
    whole = text.format_seconds(facts.elapsed_seconds / facts.iterations) if facts.iterations else text.NOT_RECORDED
    yield f"A loop takes {whole} on average;"
    for count, noun in ((facts.decision_points, "decision point"), (facts.jobs, "job")):
        if count:
            yield f"counted by {noun} it would be {text.format_seconds(facts.elapsed_seconds / count)},"
    yield "all over the same seconds: a speedup by ratio of totals is the same under each of these rules."


def _overlap(facts: Facts) -> str:
    share = facts.overlapped_seconds / facts.elapsed_seconds if facts.elapsed_seconds else 0.0
    return (
        f"Once: each instant is active, waiting, overlapped or unattributed, and the four add up to the elapsed time. "
        f"Overlapped is {text.format_fraction(share)} of it. A what-if replays each iteration, so that what hides "
        "behind something else saves nothing."
    )


def _unknown(reason: NotEstimable) -> Said:
    return Said(text.format_reason(reason).rstrip("."), is_known=False)


def _uncompared(found: Measurement) -> Said:
    """Why there is nothing to say of a tool whose arms could not be compared at all."""
    refused = (result for result in found.values() if isinstance(result, NotEstimable))
    return next((_unknown(result) for result in refused), Said("the arms were not compared", is_known=False))


def _assigned(found: Measurement, course: Course | None) -> Said:
    if found.assignment is None:
        return _uncompared(found)
    words = found.assignment.words
    ratio = found.sample_ratio
    if ratio is not None and not isinstance(ratio, NotEstimable):
        verdict = "not by chance" if ratio.is_off else "as planned"
        words += f", {ratio.n_baseline:,} + {ratio.n_changed:,} ({verdict}, p = {text.format_number(ratio.p_value)})"
    if course is None:
        return Said(words)
    if course.outside:
        outside = text.format_count(course.outside, "iteration")
        return Said(f"{words}; a plan is in force, but {outside} of {course.n:,} were not done under it")
    kept = "unchanged since" if course.plan.is_whole else "changed since it was put into force"
    crossed = f", {course.found.crossed_over:,} recorded in the other arm" if course.found.crossed_over else ""
    return Said(f"{words}, written down before with SHA-256 {course.plan.sha256[:12]}… and {kept}{crossed}")


def _opted_out(facts: Facts, courses: Mapping[str, Course]) -> Answer:
    question = "Who opted out, and what was left out?"
    left = [
        text.format_count(count, "iteration") + f" {word}"
        for count, word in ((facts.failed, "failed"), (facts.killed, "killed"), (facts.open, "still open"))
        if count
    ]
    ended = f"{', '.join(left)}; the rest finished" if left else "Every iteration on record finished"
    arms = "; ".join(_without(arm) for arm in facts.arms) or "No arm of a tool is recorded"
    plans = "".join(f"{_slots(tool, course)}. " for tool, course in courses.items())
    return Answer(question, f"{ended}. {arms}. {plans}Loops nobody recorded are not seen.")


def _slots(tool: str, course: Course) -> str:
    arms = " and ".join(f"{arm.finished:,} of {arm.assigned:,} {arm.arm}" for arm in course.found.arms)
    return f"Of what the plan for {text.format_name(tool)} gave out, finished {arms}"


def _without(arm: ArmFacts) -> str:
    return (
        f"{text.format_name(arm.tool)}: {arm.baseline:,} baseline, {arm.changed:,} changed, "
        f"{arm.without:,} without a recorded arm, never counted as baseline"
    )


def _novelty(found: Measurement) -> Said:
    course = found.checks.over_time if found.checks else None
    if course is None:
        return _uncompared(found)
    if isinstance(course, NotEstimable):
        return _unknown(course)
    low, high = course.interval
    verdict = "it wears off" if high < 1 else "it grows" if low > 1 else "neither can be told"
    return Said(
        f"later over earlier changed iterations {text.format_number(course.later_over_earlier)} "
        f"({text.format_interval(course.interval)}): {verdict}"
    )


def _what_else(facts: Facts) -> Answer:
    question = "What else changed meanwhile?"
    if not facts.arms:
        return not_answerable(
            question, "models, data, machines and skill are not recorded; only randomised arms even them out"
        )
    words = "; ".join(f"{text.format_name(arm.tool)}: {_beside(arm)}" for arm in facts.arms)
    return Answer(question, f"{words}. Models, data and skill are not recorded: only randomised arms even them out.")


def _beside(arm: ArmFacts) -> str:
    """What differs between the arms beside the tool, as far as it is recorded."""
    mixes = ", ".join(
        f"{text.format_fraction(baseline)} of the baseline and {text.format_fraction(changed)} of the changed "
        f"iterations are on {text.format_regime(regime)}"
        for regime, baseline, changed in arm.regimes
    )
    other = text.format_count(arm.also_other_tools, "iteration")
    return f"{mixes}; {other} recorded the arm of another tool too"


def _quality(found: Measurement) -> Said:
    if not found.guards:
        return _uncompared(found)
    guards = ", ".join(f"{describe_guard_name(guard)} {describe_guard(guard)}" for guard in found.guards)
    return Said(f"{guards}; how good the results are is not recorded")


def _noise(found: Measurement) -> Said:
    placebo = found.checks.placebo if found.checks else None
    if placebo is None:
        return _uncompared(found)
    if isinstance(placebo, NotEstimable):
        return _unknown(placebo)
    verdict = "something other than the tool moves the durations" if placebo.is_clear else "no effect, as it should be"
    return Said(f"placebo {text.format_speedup(placebo.speedup)} ({text.format_interval(placebo.interval)}): {verdict}")


def _people(facts: Facts) -> str:
    people = text.format_count(facts.people, "person")
    scripted = text.format_count(facts.scripted, "iteration")
    said = f"{people}, {text.format_count(facts.studies, 'study')}."
    if facts.scripted:
        said += f" {scripted} of {facts.iterations:,} are of a scripted researcher: no human time is in them."
    if facts.people <= 1:
        return f"{said} Intervals are conditional on this researcher and say nothing of how others differ."
    return f"{said} Intervals that speak of other people resample people; the others speak of these."


def _regimes(facts: Facts) -> str:
    whole = facts.elapsed_seconds or 1.0
    said = [
        f"{text.format_regime(regime)}: {text.format_count(n, 'iteration')}, "
        f"{text.format_fraction(seconds / whole)} of the time"
        for regime, n, seconds in facts.regimes
    ]
    return f"{'; '.join(said)}. Every estimate names the mix that it holds for."


def _queue(facts: Facts) -> str:
    if not facts.jobs:
        return "No job is recorded, so there is no queue to include."
    queued = text.format_seconds(facts.queue_seconds)
    jobs = text.format_count(facts.jobs, "job")
    return (
        f"Yes: {queued} of queue over {jobs}, counted from submission to start. A what-if leaves it as it was "
        "recorded, unless asked to solve it again; the What-if page shows all three answers."
    )


def _peeking(found: Measurement, course: Course | None) -> Said:
    result = found["geometric_mean"]
    if isinstance(result, NotEstimable):
        return _unknown(result)
    once = text.format_interval(result.interval)
    always = text.format_interval(result.always_valid_interval)
    if course is None or course.outside:
        return Said(
            f"anybody can look at any time, so beside {once} for one look stands {always}, which holds at all looks "
            "together"
        )
    begun = f"{course.found.planned - course.found.remaining:,} of {course.found.planned:,}"
    if course.plan.looks == "daily":
        return Said(f"the plan allows looks at any time ({begun} given out): {always} holds at all looks together")
    if not course.plan.is_complete:
        return Said(
            f"the plan says one look, at its end, and {begun} are given out: until then {always} holds, at all looks "
            "together"
        )
    return Said(
        f"the plan says one look, at its end, which is reached ({begun}): {once} holds for it; for who looked before, "
        f"{always}"
    )


def _negative(tools: Mapping[str, Measurement], board: Scoreboard | NotEstimable) -> Answer:
    question = "Where are the negative results?"
    results = {tool: found["geometric_mean"] for tool, found in tools.items()}
    known = {tool: one for tool, one in results.items() if isinstance(one, Measured)}
    slower = [text.format_name(tool) for tool, one in known.items() if one.interval[1] < 1]
    unclear = [text.format_name(tool) for tool, one in known.items() if one.interval[0] <= 1 <= one.interval[1]]
    kept = "" if isinstance(board, NotEstimable) else f" Forecasts: {board.n} scored, {board.n_unlanded} never landed."
    if not tools and not kept:
        return not_answerable(question, NO_TOOL)
    if not tools:
        return Answer(question, f"{NO_TOOL[0].upper()}{NO_TOOL[1:]}.{kept}")
    said = (
        f"All {text.format_count(len(tools), 'tool')} with recorded arms are shown: slower {_named(slower)}; no clear "
        f"difference {_named(unclear)}; not estimable {_named([one for one in results if one not in known])}."
    )
    return Answer(question, said + kept)


def _named(names: list[str]) -> str:
    return ", ".join(names) if names else "none"


def _recompute(material: Material) -> str:
    named = f" of snapshot {material.snapshot}" if material.snapshot else ""
    linked = "; a link to this page names the snapshot, which never changes" if material.snapshot else ""
    return (
        f"Yes: `python -m tracker report --format zip` writes the data{named}, the SQL, versions, seeds, hashes and a "
        f"script that recomputes every number{linked}."
    )
