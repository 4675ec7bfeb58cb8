"""`python -m tracker mix` over a spans table."""

import json

import pyarrow.parquet as parquet
import pytest

from tracker.cli import main
from tracker.commands.printing import NOTHING_ESTIMATED
from tracker.speedup.truth import generate_loops


@pytest.fixture
def spans(tmp_path):
    loops = generate_loops("mix_shift", n=60, speedup=1.4, design="before_after", rng=1)
    path = tmp_path / "spans.parquet"
    parquet.write_table(loops.table(), path)
    return str(path)


def test_json_adds_up(spans, capsys):
    """within + mix + interaction is the difference, with every reference, to 1e-9 of what is compared."""
    assert main(["mix", "--spans", spans, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    for decomposition in (found["gap"], found["shift"]):
        size = abs(decomposition["first_value"]) + abs(decomposition["second_value"])
        for effects in decomposition["by_reference"]:
            total = sum(effects[name]["value"] for name in ("within", "mix", "interaction"))
            assert total == pytest.approx(decomposition["difference"]["value"], abs=1e-9 * size)
    assert found["uplift"]["old_mix"]["value"] > 1


def test_words_say_what_is_compared(spans, capsys):
    assert main(["mix", "--spans", spans]) == 0
    printed = capsys.readouterr().out
    assert "mix by regime; tool.tool; 95 % interval, n = 60, measured" in printed
    assert "old mix: " in printed
    assert "value: " in printed
    assert "symmetric" in printed


def test_a_change_is_replayed(spans, capsys):
    assert main(["mix", "--spans", spans, "--change", "scale:job:2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["evidence"] == "what-if"


def test_groups_are_named_with_a_comma(spans, capsys):
    assert main(["mix", "--spans", spans, "--between", "toy"]) == 1
    assert "such as toy,real" in capsys.readouterr().err


def test_the_homes_loops_are_read(record, home, capsys):
    """One iteration is too few: the reason is printed, and the exit status tells a script that there is no number."""
    record("one")
    assert main(["--home", str(home), "sync"]) == 0
    assert main(["--home", str(home), "refresh"]) == 0
    capsys.readouterr()
    assert main(["--home", str(home), "mix"]) == NOTHING_ESTIMATED
    assert "not estimable" in capsys.readouterr().out
