"""Print what each objective's SAE costs the model, and the verdict: `python -m studies.real.sparse_autoencoder`."""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from studies.config_changes import add_changes
from studies.real.sparse_autoencoder.config import OBJECTIVE_SETTINGS, SAEConfig
from studies.real.sparse_autoencoder.gates import Score, judge, score_objectives
from studies.real.sparse_autoencoder.objectives import OBJECTIVES
from studies.toy.compressed_computation.training import cpu_threads

WORDS = {True: "holds", False: "FAILS", None: "not judged"}


def main() -> int:
    arguments = _parse()
    base, evaluation = OBJECTIVE_SETTINGS[arguments.setting]
    console, failed = Console(soft_wrap=True, highlight=False), 0
    for seed in range(arguments.seeds):
        config = replace(base, seed=seed, **dict(arguments.set))
        with cpu_threads(arguments.threads):
            scores = score_objectives(config, evaluation, tuple(arguments.objective), device=arguments.device)
        console.print(_table(f"{arguments.setting}, seed {seed}, {arguments.device}", scores))
        for gate in judge(scores) if {"local", "e2e"} <= set(scores) else ():
            failed += gate.passed is False
            console.print(f"{WORDS[gate.passed]}: {gate.claim}: {gate.measured}")
    return 1 if failed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Dictionaries trained for three objectives, held against what any correct implementation shows.",
        epilog="example: python -m studies.real.sparse_autoencoder quick --set sequences=48 --objective local",
    )
    parser.add_argument("setting", choices=OBJECTIVE_SETTINGS, help="toy (bytes), quick (SmolLM2), full (GPT-2 small)")
    parser.add_argument("--objective", action="append", choices=OBJECTIVES, help="only this one, repeatable")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0 to N - 1 (default 1)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of one operation (default 2)")
    add_changes(parser, SAEConfig)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    arguments.objective = arguments.objective or list(OBJECTIVES)
    return arguments


def _table(title: str, scores: Mapping[str, Score]) -> Table:
    table = Table("objective", "L0", "live", "FVU", "CE increase", "recovered", "s per step", title=title)
    for name, one in scores.items():
        table.add_row(
            name,
            f"{one.l0:.1f}",
            f"{one.live_fraction:.0%}",
            f"{one.fvu:.3f}",
            f"{one.ce_increase:.3f}",
            f"{one.loss_recovered:.1%}",
            f"{one.seconds_per_step:.3f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
