"""Training a sparse autoencoder: schedule, invariants, and that it learns what can be learnt."""

from dataclasses import replace

import pytest
import torch

from studies.real.activations import Activations
from studies.real.sparse_autoencoder.config import QUICK
from studies.real.sparse_autoencoder.metrics import measure
from studies.real.sparse_autoencoder.model import SparseAutoencoder
from studies.real.sparse_autoencoder.training import Trainer, rate_factor

SMALL = replace(
    QUICK,
    d_model=16,
    dictionary_ratio=2,
    activation="topk",
    l1_coefficient=0.0,
    k=4,
    epochs=15,
    batch_tokens=64,
    sequences=1,
    chunk_sequences=1,
)


def make_sparse_data(tokens: int, *, directions: int) -> torch.Tensor:
    """[token, 16]: each token is a positive mixture of 2 of `directions` fixed random directions."""
    generator = torch.Generator().manual_seed(3)
    dictionary = torch.nn.functional.normalize(torch.randn(directions, 16, generator=generator), dim=-1)
    chosen = torch.rand(tokens, directions, generator=generator).topk(2, dim=-1).indices
    strengths = torch.rand(tokens, 2, generator=generator) + 0.5
    return torch.zeros(tokens, directions).scatter(-1, chosen, strengths) @ dictionary


def fvu(sae: SparseAutoencoder, vectors: torch.Tensor) -> float:
    return measure(sae, Activations(vectors, torch.zeros(len(vectors), dtype=torch.long))).fvu


def test_training_finds_sparse_structure_that_noise_has_not():
    """FVU falls to a small share of its start on data with a dictionary, and stays high on isotropic noise."""
    data = make_sparse_data(1024, directions=12)
    noise = torch.randn(1024, 16, generator=torch.Generator().manual_seed(4))
    left = {}
    for name, vectors in (("sparse", data), ("noise", noise)):
        sae = SparseAutoencoder(SMALL)
        trainer = Trainer(SMALL, sae)
        sae.centre_on(vectors, normalise=True)
        before = fvu(sae, vectors)
        trainer.train_on(vectors, chunk=0)
        left[name] = fvu(sae, vectors) / before
    assert left["sparse"] < 0.25
    assert left["noise"] > 2 * left["sparse"]


def test_decoder_directions_have_norm_one_after_training():
    """The penalty cannot be escaped by a longer decoder."""
    sae = SparseAutoencoder(SMALL)
    Trainer(replace(SMALL, epochs=1), sae).train_on(make_sparse_data(128, directions=8), chunk=0)
    assert torch.allclose(sae.decoder.norm(dim=-1), torch.ones(32), atol=1e-6)


def test_same_seed_trains_the_same_weights_and_another_does_not():
    """A job can be recomputed from its config."""
    data = make_sparse_data(256, directions=8)

    def train(seed: int) -> torch.Tensor:
        config = replace(SMALL, epochs=2, seed=seed)
        sae = SparseAutoencoder(config)
        Trainer(config, sae).train_on(data, chunk=0)
        return sae.encoder.detach()

    assert torch.equal(train(1), train(1))
    assert not torch.allclose(train(1), train(2))


def test_rate_warms_up_then_falls_to_a_tenth():
    """Half-way up at half the warm-up, full at its end, half-way between 1 and .1 at the cosine's middle."""
    config = replace(QUICK, warmup_fraction=0.2, final_rate_fraction=0.1)
    rates = [rate_factor(config, progress) for progress in (0.0, 0.1, 0.2, 0.6, 1.0)]
    assert rates == pytest.approx([0.0, 0.5, 1.0, 0.55, 0.1])


def test_diverged_training_is_a_failure():
    """A loss that is no number fails the job instead of reaching the metrics."""
    with pytest.raises(ArithmeticError, match="lower the learning rate"):
        Trainer(SMALL, SparseAutoencoder(SMALL)).train_on(torch.full((64, 16), float("inf")), chunk=0)
