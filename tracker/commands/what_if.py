"""`what-if`: what a tooling change would do to the whole loop."""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tracker.commands.pilots import read_change
from tracker.commands.printing import add_exit_status, exit_status, print_json, print_table
from tracker.commands.whose import add_who, open_part
from tracker.reporting.text import (
    format_changes,
    format_estimate,
    format_fraction,
    format_interval,
    format_level,
    format_number,
    format_reason,
    format_speedup,
    format_target,
)
from tracker.speedup import (
    JointGain,
    NotEstimable,
    Priority,
    WhatIf,
    by_regime,
    fix_first,
    joint_gain,
    replay_graph,
    working_hours,
)

EXAMPLE = "what-if --change scale:job:train:2 --change cache:stage:load:0.6..0.9 --predict 20"
ANSWERS = ("frozen", "queue", "reinvested")
DESCRIPTION = """\
Replays every recorded iteration with the changes made together, whatever their order. Baseline seconds / changed
seconds: above 1 is faster.

changes, verb first and numbers last:
  scale:TARGET:K              K times faster; K,FRACTION: only that fraction of each of its durations (Amdahl)
  cache:TARGET:HIT_FRACTION   that share of its seconds saved
  parallelise:TARGET:WIDTH    jobs of a sweep WIDTH at a time, phases and stages divided by WIDTH; WIDTH,OVERHEAD:
                              each longer by that share
  prune:TARGET:DROP_FRACTION  that share of its spans dropped altogether
  overlap:TARGET              beside what it now waits for; overlap:TARGET:FRACTION: only that much of it
  remove:TARGET               all of it
  TARGET is phase, job, queue, stage, phase:NAME, job:NAME, queue:NAME or stage:NAME.
  A number not known exactly: 1.5..3 (a range you state), 1.5..2..3 (with the likely value),
  pilot=FILE (a table with the columns arm, baseline or changed, and seconds; gives K), hits=45/50 (gives a
  hit fraction), measured=FILE (what `measure --json` printed; gives K). It widens the interval, and is named.

answers:
  frozen       jobs queue as long as they did
  queue        the queue is solved again for loops as often as before
  reinvested   the time saved goes into further loops, which meet in the queue

--json prints from regime to result: speedup, interval, level, estimand, method, n, n_clusters, n_people, n_studies,
evidence, cautions, changes, mix, baseline_seconds, changed_seconds, block_length, answer, standard_error (of the
logarithm), bounds (if waiting filled with other work is worth nothing, and if all of it), queue_ratio, prediction; or
reason and remedy. With --answer all: from answer to these. With --shares or --first: what these print."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = DESCRIPTION
    add_exit_status(parser)
    parser.add_argument(
        "--change", action="append", default=[], metavar="VERB:TARGET:NUMBERS", help="repeat for several together"
    )
    parser.add_argument("--shares", action="store_true", help="divide the joint saving among the changes (Shapley)")
    parser.add_argument("--first", action="store_true", help="rank every target by the least that fixing it would give")
    parser.add_argument("--spans", type=Path, metavar="FILE", help="a spans table instead of the home's loops")
    add_who(parser)
    parser.add_argument("--regime", default="mixed", help="with --shares and --first: only this regime")
    parser.add_argument("--estimand", default="total", choices=("total", "geometric_mean", "median"))
    parser.add_argument("--answer", default="frozen", choices=(*ANSWERS, "all"), help="what becomes of the queue")
    parser.add_argument("--people", type=float, help="how many share the machines; else those in progress at once")
    parser.add_argument("--machines", type=int, help="how many they share; else the number that explains the waits")
    parser.add_argument("--calendar", metavar="HOURS", help="such as 'Mon-Fri 09:00-18:00 Europe/Berlin'")
    parser.add_argument("--holiday", action="append", default=[], metavar="DATE", help="nobody works on it; repeat")
    parser.add_argument("--cluster", metavar="COLUMN", help="resample this column's values whole: person, study or any")
    parser.add_argument("--predict", metavar="M[,M]", help="interval for what M + M later iterations will measure")
    parser.add_argument("--level", type=float, default=0.95, help="level of the interval, between 0 and 1")
    parser.add_argument("--draws", type=int, default=1000, help="resamples")
    parser.add_argument("--seed", type=int, default=0, help="seed of the resampling")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(options: argparse.Namespace) -> int:
    if not options.change and not options.first:
        raise ValueError("no --change and no --first; for example --change scale:phase:think:2")
    changes = [read_change(text) for text in options.change]
    settings = _settings(options)
    spans = replay_graph(options.spans or open_part(options).path("spans"))
    if options.first:
        ranked = fix_first(spans, regime=options.regime, **settings)
        print_json(ranked) if options.json else _print_ranked(ranked)
        return exit_status([ranked], is_json=options.json)
    if options.shares:
        joint = joint_gain(spans, changes, regime=options.regime, **settings)
        print_json(joint) if options.json else _print_shares(joint)
        return exit_status([joint], is_json=options.json)
    asked = ANSWERS if options.answer == "all" else (options.answer,)
    results = {answer: by_regime(spans, changes, **_for_answer(settings, answer, asked)) for answer in asked}
    if options.json:
        print_json(results if options.answer == "all" else results[options.answer])
    else:
        for answer, found in results.items():
            _print_results(found, changes, answer)
    return exit_status((one for found in results.values() for one in found.values()), is_json=options.json)


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    if options.holiday and not options.calendar:
        raise ValueError("--holiday without --calendar; say the working hours of the other days")
    hours = working_hours(options.calendar, holidays=tuple(options.holiday)) if options.calendar else None
    return {
        "estimand": options.estimand,
        "cluster": options.cluster,
        "calendar": hours,
        "answer": "frozen" if options.answer == "all" else options.answer,
        "people": options.people,
        "machines": options.machines,
        "prediction": _prediction(options.predict),
        "level": options.level,
        "draws": options.draws,
        "rng": options.seed,
    }


def _for_answer(settings: dict[str, Any], answer: str, asked: tuple[str, ...]) -> dict[str, Any]:
    """With all answers asked for at once, frozen waits have no use for who shares the machines."""
    frozen = {"people": None, "machines": None} if answer == "frozen" and len(asked) > 1 else {}
    return {**settings, **frozen, "answer": answer}


def _prediction(text: str | None) -> int | tuple[int, int] | None:
    if text is None:
        return None
    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise ValueError(f"--predict {text}, must be 20, or 20,40 for baseline and changed iterations") from error
    return sizes[0] if len(sizes) == 1 else (sizes[0], sizes[-1])


def _print_results(results: Mapping[str, WhatIf | NotEstimable], changes: list[Any], answer: str) -> None:
    said = format_changes(tuple(str(change) for change in changes))
    print(f"what-if {said} ({answer}): baseline seconds / changed seconds, above 1 is faster")
    for regime, result in results.items():
        if isinstance(result, NotEstimable):
            print(f"{regime}: {result}")
        else:
            print(f"{regime}: {_sentence(result)}")
    _print_cautions(result for result in results.values() if isinstance(result, WhatIf))


def _print_cautions(results: Iterable[WhatIf]) -> None:
    for caution in dict.fromkeys(caution for result in results for caution in result.cautions):
        print(f"caution: {caution}")


def _sentence(result: WhatIf) -> str:
    parts = [format_estimate(result), format_level(result.level), result.estimand, f"n = {result.n}"]
    if result.queue_ratio != 1:
        parts.append(f"waits {format_number(result.queue_ratio)} times as long")
    if result.bounds is not None and result.bounds[0] != result.bounds[1]:
        parts.append(f"{format_speedup(result.bounds[0])} if waiting filled with other work is worth nothing")
    if result.prediction is not None:
        later = result.prediction
        parts.append(
            f"{later.n_baseline} + {later.n_changed} later iterations will measure {format_interval(later.interval)}"
        )
    return ", ".join(parts)


def _print_shares(joint: JointGain | NotEstimable) -> None:
    if isinstance(joint, NotEstimable):
        print(format_reason(joint))
        return
    print(f"together: {_sentence(joint.together)}")
    rows = [
        (
            format_changes((share.change,)),
            format_fraction(share.fraction),
            "not estimable" if share.interval is None else " to ".join(map(format_fraction, share.interval)),
            format_estimate(share.alone),
        )
        for share in joint.shares
    ]
    print_table(("change", "share of the saving", "interval", "alone"), rows)
    print(f"method: {joint.method}; speedups of single changes do not add up to the joint one")


def _print_ranked(ranked: tuple[Priority, ...] | NotEstimable) -> None:
    if isinstance(ranked, NotEstimable):
        print(format_reason(ranked))
        return
    rows = [
        (
            format_target(one.target),
            format_fraction(one.at_least),
            f"{format_fraction(one.saved_fraction)}, at most {format_fraction(one.at_most)}",
            format_estimate(one.result),
        )
        for one in ranked
    ]
    first = ranked[0].result  # `fix_first` never ranks nothing
    print(f"each on its own: {format_level(first.level)}, {first.estimand}, n = {first.n}, {first.evidence}")
    print_table(("without", "saves at least", "of the elapsed time", "speedup"), rows)
    _print_cautions(one.result for one in ranked)
