"""`what-if`: what a tooling change would do to the whole loop."""

import argparse
from pathlib import Path

from tracker.commands.printing import print_json
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.reporting.text import format_estimate, format_level
from tracker.speedup import NotEstimable, by_regime, parse_change

EXAMPLE = "what-if --change scale:job:train:2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--change",
        action="append",
        required=True,
        metavar="VERB:TARGET:NUMBER",
        help="scale:phase:think:2, cache:stage:load:0.8, remove:queue; repeat for several together",
    )
    parser.add_argument("--spans", type=Path, metavar="FILE", help="a spans table instead of the home's loops")
    parser.add_argument("--estimand", default="total", choices=("total", "geometric_mean", "median"))
    parser.add_argument("--cluster", help="resample people or studies instead of iterations: person or study")
    parser.add_argument("--level", type=float, default=0.95, help="level of the interval, between 0 and 1")
    parser.add_argument("--draws", type=int, default=1000, help="resamples")
    parser.add_argument("--seed", type=int, default=0, help="seed of the resampling")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(options: argparse.Namespace) -> int:
    spans = options.spans or open_latest(snapshots_folder(options.home)).path("spans")
    results = by_regime(
        spans,
        [parse_change(change) for change in options.change],
        estimand=options.estimand,
        cluster=options.cluster,
        level=options.level,
        draws=options.draws,
        rng=options.seed,
    )
    if options.json:
        print_json(results)
        return 0
    print(f"what-if {' + '.join(options.change)}: baseline seconds / changed seconds, above 1 is faster")
    for regime, result in results.items():
        if isinstance(result, NotEstimable):
            print(f"{regime}: {result}")
        else:
            print(
                f"{regime}: {format_estimate(result)}, {format_level(result.level)}, {result.estimand}, n = {result.n}"
            )
    for caution in dict.fromkeys(
        caution for result in results.values() if not isinstance(result, NotEstimable) for caution in result.cautions
    ):
        print(f"caution: {caution}")
    return 0
