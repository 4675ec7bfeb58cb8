"""Reading the residual stream and putting something in its place, on a tiny random Llama."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from studies.real.activations import harvest, is_massive, residual_stream, spliced_logits
from studies.real.language_model import LanguageModel
from studies.real.sparse_autoencoder.metrics import measure_loss_recovered


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=50,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    network = LlamaForCausalLM(config).eval().requires_grad_(False)
    return LanguageModel(network, network.model.layers, 16, lambda text: list(text.encode()))


@pytest.fixture(scope="module")
def tokens() -> torch.Tensor:
    return torch.randint(0, 50, (10, 12), generator=torch.Generator().manual_seed(1))


def test_residual_stream_is_the_hidden_state_and_later_blocks_do_not_run(model, tokens):
    """It equals what transformers returns for that layer, and block 2 is never called."""
    calls = []
    handle = model.blocks[2].register_forward_hook(lambda *_: calls.append(1))
    read = residual_stream(model, tokens, layer=2)
    handle.remove()
    expected = model.network(tokens, output_hidden_states=True).hidden_states[2]
    assert torch.equal(read, expected)
    assert calls == []


def test_first_position_and_long_outliers_are_massive():
    """Position 0 always, and whatever is over three times the median norm."""
    residual = torch.ones(2, 5, 4)
    residual[1, 3] *= 3.5
    residual[0, 2] *= 2.5
    expected = torch.zeros(2, 5, dtype=torch.bool)
    expected[:, 0] = True
    expected[1, 3] = True
    assert torch.equal(is_massive(residual), expected)


def test_harvest_leaves_out_position_zero_and_nothing_else(model, tokens):
    """Of ten sequences of twelve tokens eleven each are left, in order, each with its sequence's number."""
    activations = harvest(model, tokens, layer=1, skip_massive=True)
    everything = residual_stream(model, tokens, layer=1)
    assert torch.allclose(activations.vectors, everything[:, 1:].flatten(0, 1), atol=1e-6)
    assert activations.sequence.tolist() == [number for number in range(10) for _ in range(11)]
    assert len(harvest(model, tokens, layer=1, skip_massive=False)) == 120


def test_splicing_the_same_thing_changes_no_logit(model, tokens):
    """The identity in place of the residual stream is the model itself."""
    assert torch.equal(spliced_logits(model, tokens, 2, lambda residual: residual), model.logits(tokens))


@pytest.mark.parametrize("skip_massive", [True, False])
def test_loss_recovered_is_one_for_identity_and_zero_for_the_mean(model, tokens, skip_massive):
    """The ceiling and the floor of the scale are where they are defined to be."""
    mean = harvest(model, tokens, 2, skip_massive=skip_massive).vectors.mean(0)

    def recovered(reconstruct):
        return measure_loss_recovered(model, tokens, 2, reconstruct, mean=mean, skip_massive=skip_massive).fraction

    assert recovered(lambda activations: activations) == 1.0
    assert recovered(lambda activations: mean.expand_as(activations)) == 0.0


def test_original_loss_is_the_models_own(model, tokens):
    """The ceiling equals the loss transformers computes for the same tokens."""
    mean = torch.zeros(16)
    loss = measure_loss_recovered(model, tokens, 2, torch.neg, mean=mean, skip_massive=True)
    assert loss.original == pytest.approx(model.network(tokens, labels=tokens).loss.item(), rel=1e-5)
