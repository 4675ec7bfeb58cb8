"""`python -m tracker …`, also installed as `loopgauge`: one subcommand per command module, plain-words errors."""

import argparse
import keyword
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tracker.capture.home import home_path

# Name → one-line help. Each is a module of `tracker.commands`, imported only when it is called for.
COMMANDS = {
    "run": "run a command and record it as an iteration with one job",
    "sync": "carry the journal to MLflow",
    "refresh": "rebuild the loop marts from MLflow as a new snapshot",
    "import": "take in what happened before the hook",
    "loops": "list the recorded iterations and where their time went",
    "what-if": "what a tooling change would do to the whole loop",
    "measure": "what a tooling change did to the loops that were really done with and without it",
    "mix": "what other work, and what the same work done otherwise, adds to a difference between toy and real",
    "plan": "how many iterations an experiment on a tool takes, and in which order its arms come",
    "forecast": "say what a tool will do before it lands, and score it afterwards",
    "export": "write the spans table, the marts or everything to files",
    "report": "write a self-contained HTML report with its data beside it",
    "dashboard": "serve the dashboard on this machine",
    "edit": "correct the record: split, merge, relabel, ignore",
    "delete": "erase iterations from the journal, MLflow, imports and snapshots",
    "inspect": "print every field that leaves this machine for an iteration",
    "doctor": "say what is recorded where, what waits, what failed, and what the hook itself costs",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code, 0 only on success."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _fill_closed_streams()
    try:
        parser = _parser(next((argument for argument in arguments if argument in COMMANDS), ""))
        options = parser.parse_args(arguments)
        command = _module(options.command or "last-loop")
        return int(command.run(options))
    except ModuleNotFoundError as error:
        if str(error.name).startswith("tracker"):
            raise  # ours, and always installed: a defect, which a message about pip would hide
        return _fail(
            f"this command needs {error.name}, which is not installed here; the hook works without it. "
            "Install the platform with: pip install 'loopgauge[platform]'"
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
        return 1
    except KeyboardInterrupt:
        return 130
    except tuple(_expected_errors()) as error:
        return _fail(str(error))


def _fill_closed_streams() -> None:
    """Gives what is said to nobody where a stream was closed: a database opened in its place would take the words."""
    if sys.stdout is not None and sys.stderr is not None:
        return
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tracker",
        description="Where research loops spend their wall-clock, and what tooling changes do to it. "
        "Without a command: the last loop in six lines.",
    )
    parser.add_argument("--home", type=Path, default=home_path(), help="where everything is kept (TRACKER_HOME)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        module = _module(name) if name == command else None
        subparser = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example: python -m tracker {module.EXAMPLE}" if module else None,
        )
        if module is not None:
            module.add_arguments(subparser)
    return parser


def _module(command: str) -> Any:
    name = command.replace("-", "_")
    return import_module(f"tracker.commands.{name}_" if keyword.iskeyword(name) else f"tracker.commands.{name}")


def _expected_errors() -> list[type[Exception]]:
    """What our rooms raise with a message meant for the user; only rooms in use are looked at."""
    names = {
        "tracker.loops.store": "StoreError",
        "tracker.loops.checks": "CheckFailed",
        "tracker.loops.snapshots": "NoSnapshot",
        "tracker.shipping.errors": "ShippingError",
        "tracker.importers.mlflow_pages": "UnreadableStore",
    }
    loaded = [getattr(sys.modules[module], name) for module, name in names.items() if module in sys.modules]
    return [*loaded, ValueError, TypeError, OSError]


def _fail(message: str) -> int:
    print(f"loopgauge: {message}", file=sys.stderr)
    return 1
