"""The agenda under the loop driver, with a tiny random Llama in the real model's place."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from studies.driver import run_loops
from studies.real.language_model import LanguageModel
from studies.real.sparse_autoencoder import agenda as agenda_module
from studies.real.sparse_autoencoder import training
from studies.real.sparse_autoencoder.agenda import SparseAutoencoders, make_agenda
from studies.real.sparse_autoencoder.config import FULL, QUICK, EvaluationConfig

TINY = replace(QUICK, layer=1, d_model=16, corpus="folder", sequences=12, positions=16, chunk_sequences=8, epochs=2)


@pytest.fixture
def tiny_agenda(monkeypatch, tmp_path) -> SparseAutoencoders:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=256,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    network = LlamaForCausalLM(config).eval().requires_grad_(False)
    model = LanguageModel(network, network.model.layers, 16, lambda text: list(text.encode()))
    for module in (agenda_module, training):
        monkeypatch.setattr(module, "load_language_model", lambda name, **_: model)
    for number in range(8):
        lines = (f"work {number} has line {line}, which says {line * number}\n" for line in range(60))
        (tmp_path / f"{number}.txt").write_text("".join(lines))
    monkeypatch.setenv("STUDIES_TEXT", str(tmp_path))
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "home"))
    base = replace(TINY, dictionary_ratio=8, batch_tokens=32)
    return SparseAutoencoders(base, EvaluationConfig(sequences=6, loss_sequences=2))


def test_five_chained_iterations_end_with_the_loss_recovered(tiny_agenda):
    """Every job finishes, each plan varies what the decision before it chose, and the last answers the question."""
    finished = list(run_loops(tiny_agenda, iterations=9))
    assert len(finished) == 5
    assert not [run.failure for one in finished for run in one.runs if run.failure]
    for one, following in pairwise(finished):
        assert following.plan is one.decision.next_plan
    assert sum("loss_recovered_fraction" in one.metrics for one in finished[-1].evaluations) == 1
    assert not any("loss_recovered_fraction" in one.metrics for i in finished[:-1] for one in i.evaluations)


def test_metrics_are_those_of_held_out_text(tiny_agenda):
    """Every evaluation has the three metrics in range, over the same sequences, so that they can be paired."""
    first = next(run_loops(tiny_agenda, iterations=1))
    assert len(first.evaluations) == 2
    for one in first.evaluations:
        assert one.metrics["fvu"] > 0
        assert 0 <= one.metrics["live_fraction"] <= 1
        assert 0 < one.metrics["l0"] <= one.variant.config.dictionary_size
    tokens = [measurement.tokens.tolist() for measurement in tiny_agenda.measured.values()]
    assert all(one == tokens[0] for one in tokens)


def test_quick_and_full_are_the_same_engine():
    """Only the config differs, and the full one is the published setting."""
    quick, full = (make_agenda(seed=3, quick=quick, device="cpu") for quick in (True, False))
    assert type(quick) is type(full)
    assert (quick.base.seed, full.base.seed) == (3, 3)
    assert FULL.dictionary_size == 46_080
    assert (FULL.learning_rate, FULL.final_rate_fraction, FULL.gradient_clip) == (5e-4, 0.1, 10.0)
