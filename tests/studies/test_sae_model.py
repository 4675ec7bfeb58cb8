"""The sparse autoencoder's arithmetic, on tensors small enough to work out by hand."""

from dataclasses import replace

import pytest
import torch

from studies.real.activations import Activations
from studies.real.sparse_autoencoder.config import QUICK
from studies.real.sparse_autoencoder.metrics import measure
from studies.real.sparse_autoencoder.model import SparseAutoencoder, compute_losses, keep_largest

TINY = replace(QUICK, d_model=2, dictionary_ratio=1, l1_coefficient=0.1)


def make_identity_sae(**changes) -> SparseAutoencoder:
    """Latents are the positive coordinates, and they are written back where they came from."""
    sae = SparseAutoencoder(replace(TINY, **changes))
    with torch.no_grad():
        sae.encoder.copy_(torch.eye(2))
        sae.decoder.copy_(torch.eye(2))
    return sae


def test_losses_equal_the_sums_worked_out_by_hand():
    """Only the negative coordinate is lost, and the penalty is the L1 norm over d_model."""
    losses = compute_losses(make_identity_sae(), torch.tensor([[3.0, -1.0], [0.0, 2.0]]))
    assert losses.reconstruction.item() == pytest.approx((0 + 1 + 0 + 0) / 4)
    assert losses.sparsity.item() == pytest.approx((3 + 2) / 2 / 2)
    assert losses.total(TINY).item() == pytest.approx(0.25 + 0.1 * 1.25)


def test_topk_keeps_exactly_k_and_they_are_the_largest():
    """Every row has k values left, equal to the top of the sorted row."""
    values = torch.rand(50, 40, generator=torch.Generator().manual_seed(0)) + 0.1
    kept = keep_largest(values, 7)
    assert (kept != 0).sum(-1).tolist() == [7] * 50
    assert torch.equal(kept.sort(dim=-1).values[:, -7:], values.sort(dim=-1).values[:, -7:])


def test_scale_and_centre_leave_units_alone():
    """An SAE that was fitted to a shifted, stretched sample writes in the units that it reads."""
    sae = make_identity_sae()
    sample = torch.tensor([[10.0, 0.0], [14.0, 4.0]])
    sae.centre_on(sample, normalise=True)
    assert sae.scale.item() == pytest.approx(2.0)
    assert torch.allclose(sae(torch.tensor([[14.0, 4.0]])), torch.tensor([[14.0, 4.0]]))
    assert torch.allclose(sae(torch.tensor([[10.0, 0.0]])), torch.tensor([[12.0, 2.0]]))


def test_metrics_equal_the_ratios_worked_out_by_hand():
    """FVU, L0 and live fraction of four tokens in two sequences."""
    vectors = torch.tensor([[1.0, 0.0], [3.0, 0.0], [2.0, -2.0], [2.0, -2.0]])
    held_out = Activations(vectors, torch.tensor([0, 0, 1, 1]))
    measured = measure(make_identity_sae(), held_out)
    # The mean is (2, -1): squared distances 2, 2, 1, 1. The negative coordinate, 4 on two tokens, is lost.
    assert measured.fvu == pytest.approx(8 / 6)
    assert measured.l0 == pytest.approx(1.0)
    assert measured.live_fraction == 0.5
    assert measured.without(1).fvu == pytest.approx(0.0)


def test_dead_latents_are_trained_only_when_there_are_any():
    """The auxiliary loss is zero without dead latents, and with them moves their decoder rows and no others."""
    sae = make_identity_sae()
    activations = torch.tensor([[-1.0, 2.0]])
    none_dead = torch.tensor([False, False])
    assert compute_losses(sae, activations, none_dead).dead.item() == 0
    with torch.no_grad():
        sae.encoder_bias[0] = 1.5
    losses = compute_losses(sae, activations, torch.tensor([True, False]))
    # Active at -1 + 1.5, it leaves an error of -1.5 in its coordinate and reads it as +.5: 4 over 2 dimensions.
    assert losses.dead.item() == pytest.approx(2.0)
    assert losses.total(replace(TINY, dead_coefficient=0.5)).item() == pytest.approx(
        1.5**2 / 2 + 0.1 * 2.5 / 2 + 0.5 * 2.0
    )
    losses.dead.backward()
    assert sae.decoder.grad[0].abs().sum() > 0
    assert sae.decoder.grad[1].abs().sum() == 0


@pytest.mark.parametrize(
    "changes",
    [{"activation": "topk"}, {"k": 4}, {"activation": "topk", "k": 10_000}, {"learning_rate": 0.0}],
)
def test_impossible_configs_are_refused_with_the_value(changes):
    """A config that cannot be trained says so before any job starts."""
    with pytest.raises(ValueError, match="=="):
        replace(QUICK, **changes)
