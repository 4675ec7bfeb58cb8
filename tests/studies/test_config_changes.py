"""`--set FIELD=VALUE` of the commands that print verdicts."""

import argparse
from dataclasses import dataclass
from typing import Literal

import pytest

from studies.config_changes import add_changes


@dataclass(frozen=True)
class Config:
    steps: int
    rate: float = 0.1
    shuffled: bool = True
    loss: Literal["mse", "kl"] = "mse"


def read(*texts):
    parser = argparse.ArgumentParser()
    add_changes(parser, Config)
    return parser.parse_args([part for text in texts for part in ("--set", text)]).set


def test_a_value_has_the_kind_of_its_field():
    """Also False, which as a text would be true."""
    assert read("steps=3", "rate=1e-2", "shuffled=False", "loss=kl") == [
        *(("steps", 3), ("rate", 0.01)),
        *(("shuffled", False), ("loss", "kl")),
    ]


@pytest.mark.parametrize("text", ["step=3", "steps", "steps=many", "shuffled=no", "loss=mae"])
def test_what_no_field_takes_is_refused_with_what_it_takes(text, capsys):
    with pytest.raises(SystemExit):
        read(text)
    said = capsys.readouterr().err
    assert text in said or repr(text.partition("=")[2]) in said
    assert any(word in said for word in ("the fields are steps, rate", "a number (int)", "True, False", "mse, kl"))
