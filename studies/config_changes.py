"""`--set FIELD=VALUE`: what the commands that print a workload's verdict take, to try a setting of its config."""

import argparse
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin, get_type_hints


def add_changes(parser: argparse.ArgumentParser, config: type) -> None:
    """Adds `--set` for the fields of a config's class; `arguments.set` then holds (field, value) pairs."""
    parser.add_argument(
        "--set", action="append", type=_reader(config), default=[], metavar="FIELD=VALUE", help="change the config"
    )


def _reader(config: type) -> Callable[[str], tuple[str, Any]]:
    kinds = get_type_hints(config)

    def read(text: str) -> tuple[str, Any]:
        name, equals, value = text.partition("=")
        if name not in kinds or not equals:
            raise argparse.ArgumentTypeError(f"{text!r}, must be FIELD=VALUE; the fields are {', '.join(kinds)}")
        return name, _read_value(name, kinds[name], value)

    return read


def _read_value(name: str, kind: Any, value: str) -> Any:
    allowed = ("True", "False") if kind is bool else get_args(kind) if get_origin(kind) is Literal else ()
    if allowed and value not in allowed:
        raise argparse.ArgumentTypeError(f"{name} == {value!r}, must be one of {', '.join(allowed)}")
    if kind is bool:
        return value == "True"
    if kind not in (int, float):
        return value
    try:
        return kind(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{name} == {value!r}, must be a number ({kind.__name__})") from error
