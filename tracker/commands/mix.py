"""`mix`: why toy and real loops differ, and what a change is worth for old and for new work."""

import argparse
from pathlib import Path

from tracker.commands.printing import add_exit_status, exit_status, print_json, print_table
from tracker.commands.whose import add_who, open_part
from tracker.loops.spans_table import read_spans_with_arms
from tracker.reporting.text import (
    format_fraction,
    format_interval,
    format_level,
    format_number,
    format_reason,
    format_speedup,
)
from tracker.speedup import Mix, NotEstimable, mix
from tracker.speedup.composition.results import Decomposition, Uplift
from tracker.speedup.results import Figure

EXAMPLE = "mix --change scale:job:2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_exit_status(parser)
    parser.add_argument("--spans", type=Path, metavar="FILE", help="a spans table instead of the home's loops")
    add_who(parser)
    parser.add_argument("--by", default="regime", choices=("regime", "study"), help="what divides the loops")
    parser.add_argument("--between", metavar="A,B", help="the two groups to compare; toy,real where both occur")
    parser.add_argument("--tool", metavar="NAME", help="compare the recorded arms of this tool")
    parser.add_argument(
        "--change", action="append", metavar="VERB:TARGET:NUMBER", help="replay a change instead, as in what-if"
    )
    parser.add_argument("--cluster", help="whole people or studies as units of chance: person or study")
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals, between 0 and 1")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print as JSON: gap and shift (first_value, second_value, difference; by_reference: within + mix + "
        "interaction = difference), groups, curve (speedup by fraction of the second group's baseline seconds), uplift "
        "(old_mix, value, new_mix)",
    )


def run(options: argparse.Namespace) -> int:
    spans = options.spans or read_spans_with_arms(open_part(options))
    result = mix(
        spans,
        by=options.by,
        tool=options.tool,
        changes=options.change,
        between=_pair(options.between),
        cluster=options.cluster,
        level=options.level,
    )
    if options.json:
        print_json(result)
    elif isinstance(result, NotEstimable):
        print(format_reason(result))
    else:
        _print(result)
    return exit_status([result], is_json=options.json)


def _pair(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    first, comma, second = text.partition(",")
    if not comma or not first or not second or "," in second:
        raise ValueError(f"between == {text!r}, must be two groups with a comma between, such as toy,real")
    return first, second


def _print(result: Mix) -> None:
    about = result.change or "no tooling change in the table: seconds of a loop are compared"
    print(f"mix by {result.by}; {about}; {format_level(result.level)}, n = {result.n}, {result.evidence}")
    for group in result.groups:
        if not isinstance(group, NotEstimable):
            speedup = f"{format_speedup(group.speedup)} ({format_interval(group.interval)})"
            print(f"{group.group}: {speedup}, baseline seconds / changed seconds, n = {group.n}")
    for name, decomposition in (("gap", result.gap), ("shift", result.shift)):
        _print_decomposition(name, decomposition)
    _print_uplift(result.uplift)
    for caution in result.cautions:
        print(f"caution: {caution}")


def _print_decomposition(name: str, found: Decomposition | NotEstimable) -> None:
    if isinstance(found, NotEstimable):
        print(f"{name}: {format_reason(found)}")
        return
    show = format_fraction if found.unit == "fraction" else format_number
    print(f"{name}: {found.first} {show(found.first_value)}, {found.second} {show(found.second_value)} {found.unit}")
    print(f"  {found.quantity}")
    header = ("reference", "within", "mix", "interaction")
    rows = [
        (effects.reference, *(_figure(one, show) for one in (effects.within, effects.mix, effects.interaction)))
        for effects in found.by_reference
    ]
    print_table(header, rows)
    for disagreement in found.sign_disagreements:
        print(f"caution: {disagreement}")


def _figure(figure: Figure, show: object) -> str:
    assert callable(show)
    return f"{show(figure.value)} ({show(figure.interval[0])} to {show(figure.interval[1])})"


def _print_uplift(found: Uplift | NotEstimable) -> None:
    if isinstance(found, NotEstimable):
        print(f"uplift: {format_reason(found)}")
        return
    for name, figure, words in (
        ("old mix", found.old_mix, found.old),
        ("value", found.value, "between the two: their geometric mean"),
        ("new mix", found.new_mix, found.new),
    ):
        print(f"{name}: {format_speedup(figure.value)} ({format_interval(figure.interval)}), {words}")
