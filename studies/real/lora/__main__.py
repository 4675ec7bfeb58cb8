"""Print what each adapter learns and moves, and the verdict: `python -m studies.real.lora`."""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from studies.config_changes import add_changes
from studies.real.lora.config import SETTINGS, VARIANTS, LoraConfig
from studies.real.lora.gates import Metrics, judge, score_variants
from studies.toy.compressed_computation.training import cpu_threads


def main() -> int:
    arguments = _parse()
    console, failed = Console(soft_wrap=True, highlight=False), 0
    for seed in range(arguments.seeds):
        config = replace(SETTINGS[arguments.setting], seed=seed, **dict(arguments.set))
        with cpu_threads(arguments.threads):
            scores = score_variants(config, tuple(arguments.variant), device=arguments.device)
        title = f"{arguments.setting}, rank {config.rank}, seed {seed}, {arguments.device}"
        console.print(_table(title, scores))
        for gate in judge(config, scores):
            failed += not gate.passed
            console.print(f"{'holds' if gate.passed else 'FAILS'}: {gate.claim}: {gate.measured}")
    return 1 if failed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Adapters in a residual stream and in a dictionary's basis, held against what has to hold.",
        epilog="example: python -m studies.real.lora quick --variant residual --set sequences=32",
    )
    parser.add_argument("setting", choices=SETTINGS, help="toy (bytes), quick (SmolLM2), full (GPT-2 small)")
    parser.add_argument("--variant", action="append", choices=VARIANTS, help="only this one, repeatable")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0 to N - 1 (default 1)")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of one operation (default 2)")
    add_changes(parser, LoraConfig)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    arguments.variant = arguments.variant or list(VARIANTS)
    return arguments


def _table(title: str, scores: Mapping[str, Metrics]) -> Table:
    table = Table("variant", "task loss", "base", "KL off task", "parameters", "s per step", title=title)
    for name, one in scores.items():
        table.add_row(
            name,
            f"{one['task_loss']:.4f}",
            f"{one['base_task_loss']:.4f}",
            f"{one['off_task_divergence']:.4f}",
            f"{one['parameters']:,.0f}",
            f"{one['step_seconds']:.3f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
