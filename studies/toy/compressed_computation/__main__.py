"""Print the losses of every variant and the verdict: `python -m studies.toy.compressed_computation`."""

import argparse
import sys
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from studies.toy.compressed_computation.config import FULL, MESSES, TOY
from studies.toy.compressed_computation.gates import Score, judge, mean_losses, score_all_variants


def main() -> int:
    arguments = _parse()
    base = replace(FULL if arguments.full else TOY, init=arguments.init)
    console = Console(soft_wrap=True)
    scores, failed = [], 0
    for seed in range(arguments.seeds):
        scores.append(score_all_variants(base, seed=seed, device=arguments.device))
        for gate in judge(scores[-1]):
            failed += not gate.passed
            console.print(f"seed {seed}: {'holds' if gate.passed else 'FAILS'}: {gate.claim}: {gate.measured}")
    console.print(_table(scores))
    return 1 if failed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Losses (L/p) of compressed computation, held against its gates.")
    parser.add_argument("--full", action="store_true", help="the published size, not the toy one")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0 to N - 1 (default 1)")
    parser.add_argument("--init", choices=("kaiming", "fan_in"), default="kaiming")
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


def _table(scores: list[dict]) -> Table:
    table = Table("L/p", *MESSES)
    for seed, by_mess in enumerate(scores):
        table.add_row(f"seed {seed}", *(_format_score(by_mess[mess]) for mess in MESSES))
    table.add_row("mean", *(f"{loss:.5f}" for loss in mean_losses(scores).values()))
    table.add_row("SVD bound, seed 0", *(f"{scores[0][mess].svd_bound:.5f}" for mess in MESSES))
    return table


def _format_score(score: Score) -> str:
    error = f" ± {score.standard_error:.5f}" if score.standard_error else ""
    return f"{score.loss_over_p:.5f}{error}"


if __name__ == "__main__":
    sys.exit(main())
