"""Importing the hook costs an experiment next to nothing, and drags nothing in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = (
    "mlflow",
    "torch",
    "numpy",
    "pandas",
    "pyarrow",
    "duckdb",
    "scipy",
    "streamlit",
    "altair",
    "json",
    "dataclasses",
    "typing",
    "functools",
    "contextlib",
    "re",
)


def modules_after(code: str) -> set[str]:
    """Returns the modules that a clean interpreter loads to run `code`; -I and -S keep site-packages out."""
    program = (
        f"import sys; sys.path.insert(0, '.'); before = set(sys.modules); {code}; print(*set(sys.modules) - before)"
    )
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_import_tracker_loads_only_the_standard_library():
    """Every module that appears is of the standard library or the hook's own room."""
    loaded = modules_after("import tracker")
    foreign = {name for name in loaded if name.split(".")[0] not in {*sys.stdlib_module_names, "tracker"}}
    rooms = {name for name in loaded if name.startswith("tracker.") and not name.startswith("tracker.capture")}
    assert (foreign, rooms) == (set(), set())


@pytest.mark.parametrize("name", HEAVY)
def test_import_tracker_does_not_load(name):
    """Modules that cost milliseconds are absent, the standard library's own among them."""
    assert name not in modules_after("import tracker")


def test_a_recorded_iteration_loads_no_platform_module(tmp_path):
    """Recording, and not only importing, stays within the standard library."""
    code = (
        f"import os; os.environ['TRACKER_HOME'] = {str(tmp_path)!r}; import tracker; "
        "it = tracker.iteration('one'); it.__enter__(); it.job('train').__enter__(); it.decide('go')"
    )
    foreign = {name.split(".")[0] for name in modules_after(code)} - {*sys.stdlib_module_names, "tracker"}
    assert foreign == set()


def test_the_import_contracts_hold():
    """The sentences in pyproject.toml about who may import whom are kept, every one."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert " 0 broken" in ran.stdout
