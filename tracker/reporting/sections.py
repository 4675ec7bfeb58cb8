"""The sections of a report, each made from the findings alone."""

from tracker.reporting import charts, tables, text, words
from tracker.reporting.document import Figure, Section, titled
from tracker.reporting.findings import TWICE, WORTH_ASKING, Findings, Typical
from tracker.reporting.rows import ceiling_rows, curve_rows, estimate_row
from tracker.reporting.shares import share_rows
from tracker.speedup.results import NotEstimable

METHOD = (
    "An iteration is one turn of the loop, from the idea to the decision that ends it. At every instant of it a phase "
    "is open or not and a job is queued or running or not; active, waiting, overlapped and unattributed time are these "
    "four cases, and they add up to its elapsed time. Waiting that overlaps a phase is counted once, as overlapped.",
    "A speedup is baseline seconds / changed seconds of the whole loop: above 1 is faster. A what-if replays every "
    "recorded iteration as a graph of spans that wait for each other, once as recorded and once with the changed "
    "durations, and compares total seconds with total seconds. Speeding up what nobody waits for saves nothing.",
    "A ceiling is the what-if with a phase, a job or the queue taking no time: the most that any tool could do to it "
    "with all else as recorded. Ceilings of several targets can be neither added nor multiplied.",
    "Intervals come from resampling whole iterations (blocks of neighbours where these resemble each other; Student's "
    "t below eight). They say how far the number would move with other iterations of the same kind, people and mix.",
    "An iteration without an end, or with a span that never ended, is counted as unfinished and left out of estimates.",
)
LIMITS = (
    "Queues are frozen: a job waits as long as it did when recorded, however much shorter the jobs before it are.",
    "Saved time is not put to other use: nobody runs more variants because they are faster, and nobody thinks less.",
    "The recorded order of work and the number of iterations stay as they were; so does the quality of the results.",
    "A what-if assumes that the change does exactly what it says and costs nothing to adopt.",
    "Elapsed time is calendar time within an iteration: nights and weekends inside it count.",
)


def where_time_goes(findings: Findings) -> Section:
    """Shares of elapsed time by regime."""
    figure = Figure("where-the-time-goes", "Where the time goes.", charts.time_shares(share_rows(findings.shares)))
    return Section(
        name="where-the-time-goes",
        heading="Where the time goes",
        sentences=(
            "Each bar is all the elapsed time of a regime's finished iterations. A name alone is a phase with nothing "
            "running beside it; “(waiting)” is a job, or the queue, with no phase open; “(overlapped)” is both.",
        ),
        figures=(titled(figure),),
        tables=(tables.share_table(findings),),
    )


def ceilings(findings: Findings) -> Section:
    """The most that tooling could do."""
    rows = [row for row in ceiling_rows(findings.breakdowns) if row["regime"] in findings.regimes]
    estimable = [row for row in rows if row["speedup"] is not None]
    figure = Figure("ceilings", "", charts.ceilings(rows))
    return Section(
        name="ceilings",
        heading="The most that any tool could do",
        sentences=(
            "Were a phase, a job or the queue to take no time at all, and all else to stay as it was, the whole loop "
            "would be this many times faster. Where an interval leaves the plot, its ends stand beside it.",
        ),
        figures=(titled(figure),) if estimable else (),
        tables=(tables.ceiling_table(findings),),
    )


def what_ifs(findings: Findings) -> Section:
    """What tooling changes would do, and the curve over k of the best of them."""
    curve = findings.curve
    figures: tuple[Figure, ...] = ()
    if curve is not None and not isinstance(curve, NotEstimable):
        chart = charts.k_curve(
            curve_rows(curve), ceiling=estimate_row(curve.ceiling), what=text.format_target(curve.target)
        )
        figures = (titled(Figure("k-curve", "", chart)),)
    asked = (
        "The changes that were asked about, one at a time."
        if findings.request.changes
        else f"The largest phases, jobs and stages and the queue, each {TWICE:g}x faster, one at a time; those below "
        f"{text.format_fraction(WORTH_ASKING)} of the elapsed time are left out."
    )
    more = tables.curve_table(findings)
    return Section(
        name="what-ifs",
        heading="What tooling changes would do",
        sentences=(asked, text.describe_evidence("what-if")),
        figures=figures,
        tables=(tables.what_if_table(findings), *([more] if more else [])),
    )


def typical_iteration(typical: Typical) -> Section:
    """The waterfall of the iteration of median length of one regime."""
    row, regime = typical.iteration, text.format_regime(typical.iteration["regime"])
    decisions = tables.decision_table(typical)
    name = f"typical-{row['regime'] if row['regime'] in ('toy', 'real') else 'iteration'}"
    return Section(
        name=name,
        heading=f"A typical iteration: {regime}",
        sentences=(
            f"Of {text.format_count(typical.n, 'finished iteration')}, this one is of median length: "
            f"“{text.format_name(row['name'], 80)}” of study “{text.format_name(row['study'], 80)}”, "
            f"{text.format_seconds(row['elapsed_seconds'])}, {row['evidence']}"
            f"{f', {text.SCRIPTED}' if row['is_scripted'] else ''}. One iteration, so there is no interval.",
        ),
        figures=(titled(Figure(f"{name}-waterfall", "", charts.waterfall(list(typical.spans)))),),
        tables=(*([decisions] if decisions else []), tables.span_table(typical)),
    )


def recorded(findings: Findings) -> Section:
    """How much there was to estimate from."""
    kinds = sorted({kind for counts in findings.counts for kind in counts.evidence.split(", ")})
    return Section(
        name="recorded",
        heading="What was recorded",
        sentences=tuple(text.describe_evidence(kind) for kind in kinds),
        tables=(tables.count_table(findings),),
    )


def method() -> Section:
    """How the numbers were found."""
    return Section(name="method", heading="How the numbers were found", points=METHOD)


def limits() -> Section:
    """What the numbers do not say."""
    return Section(name="limits", heading="What these numbers do not say", points=LIMITS)


def nothing() -> Section:
    """What a report says where nothing was recorded."""
    return Section(name="nothing-yet", heading="Nothing to estimate from yet", sentences=(words.NOTHING,))
