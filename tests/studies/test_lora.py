"""Adapters in a residual stream and in a dictionary's basis: by hand, by equality, and on a tiny model of bytes."""

from dataclasses import replace

import pytest
import torch

from studies.driver import run_iteration
from studies.real import byte_model
from studies.real.byte_model import ByteModelConfig, make_byte_model
from studies.real.lora.adapters import (
    Adapter,
    BiasAdapter,
    DictionaryAdapter,
    PulledBackAdapter,
    SparseGatherAdapter,
    count_parameters,
    make_adapter,
)
from studies.real.lora.agenda import LowRankAdapters
from studies.real.lora.config import FULL, QUICK, TOY, VARIANTS, LoraConfig, dictionary_config
from studies.real.lora.gates import judge
from studies.real.lora.training import adapted_logits, cross_entropy
from studies.real.lora.training import judge as judge_adapter
from studies.real.sparse_autoencoder.model import SparseAutoencoder
from studies.real.text import TextAbsent, read_works
from studies.toy.compressed_computation.training import cpu_threads

SMALL = LoraConfig(d_model=6, rank=2, dictionary_ratio=4, dictionary_k=3)


@pytest.fixture(autouse=True)
def one_thread():
    with cpu_threads(1):
        yield


@pytest.fixture
def dictionary() -> SparseAutoencoder:
    return SparseAutoencoder(dictionary_config(SMALL)).requires_grad_(False)


@pytest.fixture
def stream() -> torch.Tensor:
    return torch.randn(7, 6, generator=torch.Generator().manual_seed(0))


def randomise(adapter: torch.nn.Module) -> torch.nn.Module:
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in adapter.parameters():
            if parameter.requires_grad:
                parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return adapter


@pytest.mark.parametrize("config", [SMALL, TOY, QUICK])
def test_the_dictionary_basis_takes_exactly_as_many_times_the_parameters_as_it_is_wider(config):
    """2 d r against 2 D r: D / d."""
    frozen = SparseAutoencoder(dictionary_config(config)).requires_grad_(False)
    residual = count_parameters(make_adapter(replace(config, variant="residual"), frozen))
    wide = count_parameters(make_adapter(replace(config, variant="dictionary"), frozen))
    assert residual == 2 * config.d_model * config.rank
    assert wide == config.dictionary_ratio * residual


def test_the_published_sizes():
    """r = 16 on GPT-2 small: 24,576 in the stream, 1,474,560 in 46,080 latents; without building 70 million weights."""
    assert 2 * FULL.d_model * FULL.rank == 24_576
    assert 2 * FULL.dictionary_size * FULL.rank == 1_474_560


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_untrained_adapter_changes_nothing(variant, dictionary, stream):
    """Training starts from the model as it is."""
    assert torch.equal(make_adapter(replace(SMALL, variant=variant), dictionary)(stream), stream)


def test_a_residual_adapter_by_hand():
    """x = (1, 2), A = (3, 4)^T, B = (10, 20): x A = 11, so x + (110, 220)."""
    adapter = Adapter(2, 1, 0)
    with torch.no_grad():
        adapter.down.copy_(torch.tensor([[3.0], [4.0]]))
        adapter.up.copy_(torch.tensor([[10.0, 20.0]]))
    assert adapter(torch.tensor([[1.0, 2.0]])).tolist() == [[111.0, 222.0]]


def test_a_dictionary_adapter_is_the_decoded_change_of_the_latents(dictionary, stream):
    """decode(z + z A B) - decode(z) is the update, by the dictionary's own decode."""
    adapter = randomise(DictionaryAdapter(dictionary, 2, 0))
    latents = dictionary.encode(stream)
    changed = dictionary.decode(latents + latents @ adapter.down @ adapter.up)
    torch.testing.assert_close(adapter(stream) - stream, changed - dictionary.decode(latents))


def test_sparse_gather_is_the_same_adapter(dictionary, stream):
    """Only the rows of active latents are touched, and the result is the dense one's; so are the gradients."""
    dense, sparse = (randomise(kind(dictionary, 2, 0)) for kind in (DictionaryAdapter, SparseGatherAdapter))
    torch.testing.assert_close(dense(stream), sparse(stream))
    for adapter in (dense, sparse):
        adapter(stream).square().sum().backward()
    torch.testing.assert_close(dense.down.grad, sparse.down.grad)


def test_a_bias_moves_a_token_along_its_active_directions_alone(dictionary, stream):
    """With a bias of 1 the update is the sum of the active decoder rows."""
    adapter = BiasAdapter(dictionary)
    with torch.no_grad():
        adapter.bias.fill_(1.0)
    active = dictionary.encode(stream) > 0
    expected = torch.stack([dictionary.decoder[row].sum(0) for row in active])
    torch.testing.assert_close(adapter(stream) - stream, expected)


def test_a_pullback_through_a_perfect_dictionary_is_the_adapter_itself(stream):
    """Directions + and - of each axis explain every stream whole, so reading through them misses nothing."""
    config = replace(SMALL, dictionary_ratio=2, dictionary_k=12)
    perfect = SparseAutoencoder(dictionary_config(config)).requires_grad_(False)
    identity = torch.eye(6)
    perfect.encoder.copy_(torch.cat([identity, -identity], dim=1))
    perfect.decoder.copy_(torch.cat([identity, -identity]))
    perfect.decoder_bias.copy_(torch.arange(6.0) / 10)
    perfect.scale.fill_(2.0)
    adapter = randomise(Adapter(6, 2, 0))
    torch.testing.assert_close(PulledBackAdapter(adapter, perfect)(stream), adapter(stream))


def test_the_task_is_another_corpus_and_its_held_out_half_is_apart():
    """Python's help topics: no text is in both halves."""
    train, held_out = (read_works("python_docs", held_out=half) for half in (False, True))
    assert not set(train) & set(held_out)
    assert len(train) > 4 * len(held_out) > 0


def test_losses_are_those_of_the_model_itself_where_nothing_is_adapted():
    """Cross-entropy as transformers computes it from labels; the divergence of a model from itself is 0. With twice the
    residual stream, the divergence is the mean over tokens of sum p (log p - log q), written out."""
    model = make_byte_model(
        "to be or not to be, that is the question; " * 20, ByteModelConfig(d_model=16, heads=2, steps=5)
    )
    config = LoraConfig(d_model=16, rank=1, dictionary_k=2)
    tokens = torch.randint(256, (3, 12), generator=torch.Generator().manual_seed(0))
    expected = model.network(tokens, labels=tokens).loss
    torch.testing.assert_close(cross_entropy(model, tokens, config, lambda stream: stream), expected)
    same = judge_adapter(model, config, lambda stream: stream, tokens, tokens)
    assert (same.task, same.off_task_divergence) == (same.base_task, pytest.approx(0.0, abs=1e-6))
    moved = judge_adapter(model, config, lambda stream: 2 * stream, tokens, tokens)
    p = model.logits(tokens).softmax(-1)
    q = adapted_logits(model, tokens, config, lambda stream: 2 * stream).softmax(-1)
    assert moved.off_task_divergence == pytest.approx((p * (p / q).log()).sum(-1).mean().item(), rel=1e-3)


def metrics(task: float, parameters: int) -> dict[str, float]:
    return {"task_loss": task, "base_task_loss": 3.0, "parameters": parameters}


def test_the_gates_pass_what_was_published_and_fail_what_cannot_be():
    """24,576 against 1,474,560 is 60; a parameter more, a loss above the base or a gather that is off is wrong."""
    right = {
        "residual": metrics(2.9, 24_576),
        "dictionary": metrics(2.8, 1_474_560),
        "sparse_gather": metrics(2.8, 1_474_560),
    }
    assert all(gate.passed for gate in judge(FULL, right))
    wrong = right | {
        "residual": metrics(3.1, 24_576),
        "dictionary": metrics(2.8, 1_474_561),
        "sparse_gather": metrics(2.7, 1_474_560),
    }
    assert [gate.passed for gate in judge(FULL, wrong)] == [False, False, True, True, False]


@pytest.mark.parametrize(("change", "message"), [({"rank": 0}, "rank == 0"), ({"dictionary_k": 99}, "99")])
def test_impossible_configs_are_refused(change, message):
    """The error names the value."""
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **change)


def test_every_variant_lowers_the_task_loss_of_a_model_of_bytes(home, monkeypatch, tmp_path):
    """The gate at a size of seconds: the adapted model's task loss is below the base's, and the base has moved."""
    monkeypatch.setenv("STUDIES_CACHE", str(tmp_path))
    monkeypatch.setattr(byte_model, "ByteModelConfig", lambda: ByteModelConfig(d_model=32, heads=2, steps=60))
    base = replace(TOY, d_model=32, sequences=160, held_out_sequences=8, dictionary_sequences=64, learning_rate=1e-2)
    agenda = LowRankAdapters(base)
    try:
        finished = run_iteration(agenda, agenda.first_plan())
    except TextAbsent as absent:
        pytest.skip(str(absent))
    metrics = {one.variant.name: one.metrics for one in finished.evaluations}
    assert set(metrics) == set(VARIANTS)
    for name in set(VARIANTS) - {"pullback"}:
        assert metrics[name]["task_loss"] < metrics[name]["base_task_loss"]
        assert metrics[name]["off_task_divergence"] > 0
    assert metrics["dictionary"]["parameters"] == base.dictionary_ratio * metrics["residual"]["parameters"]
    assert metrics["dictionary"]["task_loss"] == pytest.approx(metrics["sparse_gather"]["task_loss"], rel=1e-3)
