"""`import`: takes in what happened before the hook."""

import argparse
from importlib import import_module
from typing import Any

from tracker.commands.imports import mapped

EXAMPLE = mapped.EXAMPLE
# Kind of source → the module of `tracker.commands.imports` that takes it in.
KINDS = {
    "spans": "spans",
    "csv": "mapped",
    "parquet": "mapped",
    "mlflow": "mlflow",
    "sacct": "sacct",
    "wandb": "run_folders",
    "tensorboard": "run_folders",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind_of_source", required=True, metavar="KIND")
    for kind, name in KINDS.items():
        module = _module(name)
        example = getattr(module, f"EXAMPLE_{kind.upper()}", module.EXAMPLE)
        summary = module.SUMMARY
        module.add_arguments(
            kinds.add_parser(kind, help=summary, description=summary, epilog=f"example: python -m tracker {example}")
        )


def run(options: argparse.Namespace) -> int:
    return int(_module(KINDS[options.kind_of_source]).run(options))


def _module(name: str) -> Any:
    return import_module(f"tracker.commands.imports.{name}")
