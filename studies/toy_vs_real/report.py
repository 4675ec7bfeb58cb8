"""From the study to the document: every sentence is built from its numbers, none is typed in."""

from collections.abc import Sequence

from studies.toy_vs_real import charts
from studies.toy_vs_real.as_data import as_data
from studies.toy_vs_real.document import Document, Figure, Section, Table
from studies.toy_vs_real.factors import EFFECTS, FACTORS
from studies.toy_vs_real.sentences import (
    RULE,
    carried_by_assumption,
    headline,
    limits,
    machine_sentence,
    verdict_sentence,
    widest_sentence,
)
from studies.toy_vs_real.sources_tables import cost_table, human_table, run_time_table, tool_table
from studies.toy_vs_real.study import REGIMES, Study
from studies.toy_vs_real.verdicts import CLAIMS
from studies.toy_vs_real.wording import (
    FACTOR_WORDS,
    PART_WORDS,
    format_fraction,
    format_percent,
    format_range,
    format_speedup,
    format_tool,
    format_x,
)


def make_document(study: Study) -> Document:
    """The report."""
    return Document(
        title="Does tooling give 3-5x?",
        headline=headline(study),
        sections=(
            _claims(study),
            _time(study),
            _tools(study),
            _hangs_on(study),
            _gap(study),
            _mix(study),
            _payback(study),
            _machine(study),
            _inputs(study),
            Section("What this cannot show", points=limits(study)),
            _provenance(study),
        ),
        data=as_data(study),
    )


def _claims(study: Study) -> Section:
    rows = []
    for name in REGIMES:
        for answer in study.answers:
            verdict = answer.regimes[name].verdict
            claim = verdict.claim
            draws = " / ".join(format_percent(part) for part in (verdict.below, verdict.within, verdict.above))
            speedup = format_speedup(answer.regimes[name].replayed.speedup)
            band = f"{claim.low:g}-{claim.high:g}x"
            rows.append((name, answer.scenario.title, band, claim.baseline, speedup, draws, f"**{verdict.outcome}**"))
    columns = (
        "regime",
        "scenario",
        "claim",
        "its baseline",
        "speedup of the bundle",
        "draws below / in / above",
        "verdict",
    )
    sentences = [verdict_sentence(answer, name) for answer in study.answers for name in REGIMES]
    figure = Figure(
        "claims",
        "Each regime's 95 % interval beside the band that was claimed for it, under both scenarios.",
        charts.claims_chart(study.answers),
    )
    table = Table("Claims and verdicts. Each claim keeps its own baseline.", columns, tuple(rows))
    claims = [f"{name.capitalize()}: {CLAIMS[name].words}; baseline: {CLAIMS[name].baseline}." for name in REGIMES]
    return Section("The two claims", (*claims, RULE, *sentences), (figure,), (table,))


def _time(study: Study) -> Section:
    figure = Figure(
        "time", "Shares of an iteration's time, all at the centre of their ranges.", charts.time_chart(study.answers)
    )
    rows = []
    for answer in study.answers:
        for name, result in answer.regimes.items():
            for part in result.parts:
                low, high = part.hours.interval
                hours = f"{part.hours.centre:.3g} ({low:.3g}-{high:.3g})"
                words = PART_WORDS.get(part.name, part.name)
                rows.append((answer.scenario.title, name, words, hours, format_fraction(part.fraction)))
    columns = ("scenario", "regime", "part", "hours an iteration", "share")
    table = Table("Hours and shares, with 95 % of the draws.", columns, tuple(rows))
    sentences = [carried_by_assumption(answer, name) for answer in study.answers for name in REGIMES]
    return Section("Where the loop's time goes", tuple(sentences), (figure,), (table,))


def _tools(study: Study) -> Section:
    figures, rows = [], []
    for place, answer in enumerate(study.answers):
        if any(result.shares for result in answer.regimes.values()):
            sentence = (
                f"Shapley values, which add up to what the bundle saves, and each tool alone. {answer.scenario.title}."
            )
            figures.append(Figure(f"tools-{place}", sentence, charts.tools_chart(answer)))
        for name, result in answer.regimes.items():
            for one in result.shares:
                cells = (
                    format_tool(one.tool),
                    format_speedup(one.alone),
                    format_fraction(one.saved),
                    format_percent(one.share),
                )
                rows.append((answer.scenario.title, name, *cells))
            rows += [
                (answer.scenario.title, name, format_tool(tool), "finds nothing to do", "0 %", "0 %")
                for tool in result.idle
            ]
            rows.append(
                (
                    *(answer.scenario.title, name, "**the bundle**", format_speedup(result.replayed.speedup)),
                    *(format_percent(1 - 1 / result.replayed.speedup.centre), "100 %"),
                )
            )
    columns = (
        "scenario",
        "regime",
        "tool",
        "speedup of the loop, alone",
        "saves of the loop's time",
        "share of the saving",
    )
    sizes = study.answers[0].sizes
    words = (
        "The same bundle is given to both agendas. The joint effect is one replay with all tools on; savings are never "
        "added. A tool's share is its Shapley value: what it saves when it comes after some of the others, averaged "
        f"over all orders; they add up to what the bundle saves. Their intervals are over {sizes.share_draws} draws."
    )
    return Section("What each tool brings", (words,), tuple(figures), (Table("Tools.", columns, tuple(rows)),))


def _hangs_on(study: Study) -> Section:
    figures = [
        Figure(
            f"tornado-{name}-{place}",
            f"One unknown at a time from end to end, widest first ({name}). {answer.scenario.title}.",
            charts.tornado_chart(answer, name),
        )
        for place, answer in enumerate(study.answers)
        for name in REGIMES
    ]
    sentences = [widest_sentence(answer, name) for answer in study.answers for name in REGIMES]
    return Section("What the answer hangs on", tuple(sentences), tuple(figures))


def _gap(study: Study) -> Section:
    words = (
        "The gap is real - toy in the share of a loop's seconds that the bundle saves, 1 - 1/speedup. It is "
        "standardised over three factors: mean job length, mean decision points of an iteration, and the share of them "
        "that were murky; what is left is the rest, which is how many jobs a sweep has and what the tools find to do "
        "in the work. A factor's effect is what changes when it alone goes from toy to real, averaged over all orders "
        "in which the four could be changed (Kitagawa 1955 for two, Das Gupta 1993 for more); they "
        "add up to the gap to 1e-9."
    )
    figures, rows = [], []
    for place, answer in enumerate(study.answers):
        split, title = answer.split, answer.scenario.title
        figures.append(
            Figure(
                f"gap-{place}", f"Points of the share saved, with 95 % intervals. {title}.", charts.split_chart(answer)
            )
        )
        for name in EFFECTS:
            levels = [_level(name, split.levels[regime]) for regime in REGIMES]
            rows.append((title, FACTOR_WORDS[name], *levels, _points(split.effects[name])))
        saved = (format_fraction(split.toy), format_fraction(split.real))
        rows.append((title, "**share saved, and the gap**", *saved, f"**{_points(split.gap)}**"))
    columns = ("scenario", "factor", "toy", "real", "points of the gap")
    return Section("Why toy and real differ", (words,), tuple(figures), (Table("The split.", columns, tuple(rows)),))


def _level(name: str, levels: object) -> str:
    if name not in FACTORS:
        return ""
    value = float(getattr(levels, name))
    if name == "job_seconds":
        return f"{value:.3g} s" if value < 120 else f"{value / 60:.3g} min"
    return format_percent(value) if name == "murky_fraction" else f"{value:.2f}"


def _points(value: object) -> str:
    low, high = (100 * end for end in value.interval)  # type: ignore[attr-defined]
    return f"{100 * value.centre:+.1f} ({low:+.1f} to {high:+.1f})"  # type: ignore[attr-defined]


def _mix(study: Study) -> Section:
    rows = [
        (answer.scenario.title, format_percent(point.real_fraction), format_speedup(point.speedup))
        for answer in study.answers
        for point in answer.curve[:: max(1, len(answer.curve) // 4)]
    ]
    figure = Figure(
        "mix", "The bundle's speedup as work moves from toy to real models.", charts.curve_chart(study.answers)
    )
    words = (
        "At a share q of the baseline hours on real models the speedup is 1 / ((1 - q) / toy + q / real), draw by draw."
    )
    table = Table("Speedup by share of real work.", ("scenario", "real work", "speedup"), tuple(rows))
    return Section("Speedup against the share of real work", (words,), (figure,), (table,))


def _payback(study: Study) -> Section:
    rows = []
    for answer in study.answers:
        for name in REGIMES:
            for one in answer.regimes[name].paybacks:
                cells = (format_range(one.build_hours), format_range(one.saved_hours), format_range(one.iterations))
                risks = (format_percent(one.never_fraction), format_percent(one.late_fraction))
                rows.append((answer.scenario.title, name, one.cost, *cells, format_range(one.weeks), *risks))
    columns = (
        *("scenario", "regime", "cost", "hours to build", "hours an iteration saves, upkeep off"),
        *("iterations to break even", "weeks to break even", "never", "not before the work ends"),
    )
    words = (
        "For one person in one line of research: hours to build against loop hours saved, waiting included, less "
        "upkeep. All costs are assumed (below). Several people who share the tools break even sooner by their number."
    )
    return Section("Does it pay back?", (words,), (), (Table("Median and 95 % of the draws.", columns, tuple(rows)),))


def _machine(study: Study) -> Section:
    checks = []
    for check in study.checks:
        measured = check.measured
        low, high = measured.interval
        same = ", ".join(f"{format_tool(arm)} {one} of {of}" for arm, (one, of) in check.same_decisions.items())
        interval = f"{format_x(measured.ratio)} ({low:.2f}-{high:.2f}), {measured.pairs} pairs"
        predicted = "too few to replay" if check.predicted is None else format_x(check.predicted)
        checks.append((check.study, predicted, interval, same))
    effects = [
        (
            one.study,
            format_tool(one.tool),
            one.part,
            f"{format_x(one.ratio)} ({one.interval[0]:.2f}-{one.interval[1]:.2f})",
            str(one.pairs),
        )
        for one in study.effects
    ]
    return Section(
        "What was measured here, without any human time",
        (machine_sentence(study),),
        (),
        (
            Table(
                "The machine's tools together: replayed from the effects of each, and with all of them really on.",
                ("workload", "replayed", "measured (95 %)", "same decision as the baseline"),
                tuple(checks),
            ),
            Table(
                "Each tool on its own part of the loop: baseline / changed, 95 %.",
                ("workload", "tool", "part", "ratio", "pairs"),
                tuple(effects),
            ),
        ),
    )


def _inputs(study: Study) -> Section:
    first = study.answers[0].scenario
    tables = [human_table(first), tool_table(first), cost_table(first)]
    tables += [run_time_table(answer.scenario) for answer in study.answers if answer.scenario.job_minutes]
    about = [f"**{answer.scenario.title}.** {answer.scenario.about}" for answer in study.answers]
    return Section("What was assumed and stated, with sources", tuple(about), (), tuple(tables))


def _provenance(study: Study) -> Section:
    told: Sequence[tuple[str, str]] = [
        (key, ", ".join(f"{name} {value}" for name, value in one.items()) if isinstance(one, dict) else str(one))
        for key, one in study.provenance.items()
    ]
    counts = {}
    for turn in study.turns:
        counts[turn.study, turn.arm] = counts.get((turn.study, turn.arm), 0) + 1
    recorded = "; ".join(f"{study}, {format_tool(arm)}: {n}" for (study, arm), n in sorted(counts.items()))
    table = Table("How the loops were recorded.", ("what", "value"), (*told, ("iterations", recorded)))
    return Section("Where this comes from", ("`python -m studies.toy_vs_real` makes this report again.",), (), (table,))
