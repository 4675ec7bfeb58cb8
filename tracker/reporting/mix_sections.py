"""What a report says of toy and real work: why their loops differ, and what the headline's change is worth on each."""

from dataclasses import asdict

from tracker.reporting import mix_charts, mix_rows, text
from tracker.reporting.claims import CLAIMS, TOY_AND_REAL
from tracker.reporting.document import Figure, Section, Table, table_of_cells, titled
from tracker.reporting.findings import Findings
from tracker.speedup import Mix, NotEstimable
from tracker.speedup.composition.results import Category, Decomposition


def mix_sections(findings: Findings) -> tuple[Section, ...]:
    """Nothing where all loops are of one regime."""
    if findings.gap is None or findings.pair is None:
        return ()
    worth = [_worth(findings, findings.worth, findings.pair)] if findings.worth is not None else []
    return (_gap(findings.gap, findings.pair), *worth)


def said_pair(pair: tuple[str, str], word: str) -> str:
    """Returns two regimes as readers know them, with a word between them."""
    return f" {word} ".join(text.format_regime(regime) for regime in pair)


def _gap(found: Mix | NotEstimable, pair: tuple[str, str]) -> Section:
    heading = f"Why {said_pair(pair, 'and')} differ"
    if isinstance(found, NotEstimable) or isinstance(found.gap, NotEstimable):
        reason = found if isinstance(found, NotEstimable) else found.gap
        assert isinstance(reason, NotEstimable)
        return Section(name="gap", heading=heading, sentences=(text.format_reason(reason),))
    gap = found.gap
    chart = mix_charts.effects(mix_rows.effect_rows(gap), unit=gap.unit, title=mix_rows.gap_sentence(gap))
    return Section(
        name="gap",
        heading=heading,
        sentences=(f"{gap.quantity[0].upper()}{gap.quantity[1:]}.",),
        figures=(titled(Figure("gap", "", chart)),),
        tables=_gap_tables(found, gap, "The difference"),
        points=(*gap.sign_disagreements, *(f"caution: {caution}" for caution in found.cautions), f"{found.method}."),
    )


def _gap_tables(found: Mix, gap: Decomposition, what: str) -> tuple[Table, Table]:
    effects = table_of_cells(
        f"{what} taken apart (Kitagawa), {text.format_level(found.level)}, {found.evidence}.",
        mix_rows.effect_table(gap),
        [asdict(effects) for effects in gap.by_reference],
    )
    parts = table_of_cells(
        "What each part of a loop adds, both groups as reference.",
        mix_rows.category_table(gap),
        [asdict(category) for category in _ranked(gap)],
    )
    return effects, parts


def _ranked(gap: Decomposition) -> list[Category]:
    """In the order of `mix_rows.category_table`."""
    return sorted(gap.categories, key=lambda each: -(abs(each.within) + abs(each.mix)))


def _worth(findings: Findings, found: Mix | NotEstimable, pair: tuple[str, str]) -> Section:
    heading = f"The headline's change on {said_pair(pair, 'and on')}"
    asked = text.format_changes(findings.best.changes) if findings.best else ""
    if isinstance(found, NotEstimable):
        return Section(name="worth", heading=heading, sentences=(text.format_reason(found),))
    points = mix_rows.share_curve_rows(found)
    figures = (titled(Figure("worth", "", mix_charts.share_curve(points, pair=pair, claims=CLAIMS))),) if points else ()
    return Section(
        name="worth",
        heading=heading,
        sentences=(
            f"With {asked}, at every share of work on {text.format_regime(pair[1])}.{_of_claims(pair)}",
            text.describe_evidence(found.evidence),
        ),
        figures=figures,
        tables=tuple(_worth_tables(found, pair)),
        points=tuple(f"caution: {caution}" for caution in found.cautions),
    )


def _of_claims(pair: tuple[str, str]) -> str:
    if pair != TOY_AND_REAL:
        return " The claims were made of toy and of real models, so none is drawn."
    return " The bands are what was claimed; each claim keeps its own baseline, and neither was made of this change."


def _worth_tables(found: Mix, pair: tuple[str, str]) -> list[Table]:
    groups = [asdict(group) for group in found.groups]
    level = text.format_level(found.level)
    tables = [
        table_of_cells("Beside the claims.", mix_rows.claim_table(found, CLAIMS), [asdict(claim) for claim in CLAIMS]),
        table_of_cells(f"Each kind of work, {level}.", mix_rows.group_table(found), groups),
    ]
    if not isinstance(found.curve, NotEstimable):
        curve = [asdict(point) for point in found.curve]
        tables.append(table_of_cells(f"The curve in numbers, {level}.", mix_rows.curve_table(found, pair), curve))
    if not isinstance(found.uplift, NotEstimable):
        record = asdict(found.uplift)
        records = [record[name] for name in ("old_mix", "value", "new_mix")]
        tables.append(table_of_cells(f"Old work and new work, {level}.", mix_rows.uplift_table(found.uplift), records))
    if not isinstance(found.gap, NotEstimable):
        tables += _gap_tables(found, found.gap, "Why they gain differently: the difference between the shares saved")
    return tables
