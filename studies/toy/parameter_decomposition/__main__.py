"""Print the matches of decompositions and the verdict: `python -m studies.toy.parameter_decomposition apd spd`."""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from studies.config_changes import add_changes
from studies.toy.parameter_decomposition.config import ATTRIBUTIONS, SETTINGS, Config, with_attribution
from studies.toy.parameter_decomposition.gates import judge, score
from studies.toy.parameter_decomposition.metrics import Match


def main() -> int:
    arguments = _parse()
    console, failed = Console(soft_wrap=True, highlight=False), 0
    table = Table("setting", "attribution", "seed", "MMCS", "ML2R", "told apart", "seconds")
    verdicts = []
    for config, name in _configs(arguments):
        matches = []
        for seed in range(arguments.seeds):
            began = time.process_time()
            match = score(replace(config, seed=seed, target_seed=seed), device=arguments.device)
            matches.append(match)
            seconds = time.process_time() - began
            table.add_row(name, _chooser(config), str(seed), *_format(match), f"{seconds:.0f}")
        for gate in judge(config, matches) if (config.target, config.features) == ("tms", 5) else ():
            failed += not gate.passed
            word = "holds" if gate.passed else "FAILS"
            verdicts.append(f"{word}: {name}, {_chooser(config)}: {gate.claim}: {gate.measured}")
    console.print(table)
    console.print(f"Seconds are the processor's, target and components together; device {arguments.device}.")
    for verdict in verdicts:
        console.print(verdict)
    return 1 if failed else 0


def _configs(arguments: argparse.Namespace) -> Iterator[tuple[Config, str]]:
    """Each setting, and each attribution that was asked for where a setting has one."""
    for name in arguments.settings:
        config = replace(SETTINGS[name], **dict(arguments.set))
        for kind in (arguments.attribution if config.method == "apd" else ()) or (config.attribution,):
            yield (with_attribution(config, kind) if config.method == "apd" else config), name


def _chooser(config: Config) -> str:
    return config.attribution if config.method == "apd" else "causal importance"


def _format(match: Match) -> tuple[str, str, str]:
    return f"{match.mmcs:.4f}", f"{match.ml2r:.4f}", f"{match.found} of {match.mechanisms}"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Decompositions held against the mechanisms that their target is known to have.",
        epilog="example: python -m studies.toy.parameter_decomposition apd --attribution ablation --seeds 3",
    )
    parser.add_argument("settings", nargs="+", choices=SETTINGS, metavar="SETTING", help=", ".join(SETTINGS))
    parser.add_argument("--attribution", action="append", choices=ATTRIBUTIONS, help="APD by this one, repeatable")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0 to N - 1, of target and components (default 1)")
    add_changes(parser, Config)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
