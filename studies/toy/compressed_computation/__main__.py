"""Print the losses of the variants and the verdict: `python -m studies.toy.compressed_computation`."""

import argparse
import sys
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.table import Table

from studies.config_changes import add_changes
from studies.toy.compressed_computation.config import FULL, MESSES, TOY, Config
from studies.toy.compressed_computation.gates import Score, judge, score_variants


def main() -> int:
    arguments = _parse()
    base = FULL if arguments.full else TOY
    messes, changes = arguments.mess or MESSES, dict(arguments.set)
    console = Console(soft_wrap=True)
    scores, failed = [], 0
    for seed in range(arguments.seeds):
        scores.append(score_variants(base, seed=seed, messes=messes, changes=changes, device=arguments.device))
        for gate in judge(scores[-1]) if set(messes) == set(MESSES) else ():
            failed += not gate.passed
            console.print(f"seed {seed}: {'holds' if gate.passed else 'FAILS'}: {gate.claim}: {gate.measured}")
    console.print(_table(scores))
    return 1 if failed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Losses (L/p) of compressed computation, held against its gates.",
        epilog="example: python -m studies.toy.compressed_computation --mess embed --set form=embedding",
    )
    parser.add_argument("--full", action="store_true", help="the published size, not the toy one")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0 to N - 1 (default 1)")
    parser.add_argument("--mess", action="append", choices=MESSES, help="only this kind, repeatable; not judged")
    add_changes(parser, Config)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


def _table(scores: list[dict[Any, Score]]) -> Table:
    messes = list(scores[0])
    table = Table("L/p", *messes)
    for seed, by_mess in enumerate(scores):
        table.add_row(f"seed {seed}", *(_format_score(by_mess[mess]) for mess in messes))
    table.add_row("mean", *(f"{fmean(one[mess].loss_over_p for one in scores):.5f}" for mess in messes))
    table.add_row("SVD bound, seed 0", *(f"{scores[0][mess].svd_bound:.5f}" for mess in messes))
    return table


def _format_score(score: Score) -> str:
    error = f" ± {score.standard_error:.5f}" if score.standard_error else ""
    return f"{score.loss_over_p:.5f}{error}"


if __name__ == "__main__":
    sys.exit(main())
