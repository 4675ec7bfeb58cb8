"""What a trained sparse autoencoder is judged by, on text of works it has not seen."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from studies.real.activations import Activations, is_massive, spliced_logits
from studies.real.language_model import LanguageModel
from studies.real.sparse_autoencoder.model import SparseAutoencoder

# Latents of so many tokens at a time: 46,080 of them on 4,096 tokens are 0.75 GB.
_TOKENS_AT_ONCE = 4_096


@dataclass(frozen=True)
class Measurement:
    """One SAE on the held-out activations, kept sequence by sequence so that its noise can be told.

    Attributes:
        squared_error: [sequence], summed over tokens and dimensions, in the activations' own units.
        variance: [sequence], squared distance from the held-out mean, summed likewise.
        active: [sequence], latents active, summed over tokens.
        tokens: [sequence], how many were kept.
        live_fraction: share of the latents that fired on at least one held-out token.
    """

    squared_error: Tensor
    variance: Tensor
    active: Tensor
    tokens: Tensor
    live_fraction: float

    @property
    def fvu(self) -> float:
        """Fraction of variance unexplained: 0 is perfect, 1 no better than the mean."""
        return float(self.squared_error.sum() / self.variance.sum())

    @property
    def l0(self) -> float:
        """Mean number of active latents per token."""
        return float(self.active.sum() / self.tokens.sum())

    def without(self, sequence: int) -> "Measurement":
        """The same with one sequence left out; the live fraction stays that of all."""
        kept = torch.arange(len(self.tokens)) != sequence
        sums = (self.squared_error[kept], self.variance[kept], self.active[kept], self.tokens[kept])
        return Measurement(*sums, self.live_fraction)


@torch.no_grad()
def measure(sae: SparseAutoencoder, held_out: Activations) -> Measurement:
    """Judge an SAE by its reconstruction of held-out activations and the latents that takes."""
    centre = held_out.vectors.mean(0)
    fired = torch.zeros(sae.decoder.shape[0], dtype=torch.bool, device=sae.decoder.device)
    errors, active = [], []
    for vectors in held_out.vectors.split(_TOKENS_AT_ONCE):
        latents = sae.encode(vectors)
        fired |= latents.amax(0) > 0
        active.append((latents > 0).sum(-1))
        errors.append((vectors - sae.decode(latents)).square().sum(-1))
    return Measurement(
        squared_error=_per_sequence(torch.cat(errors), held_out),
        variance=_per_sequence((held_out.vectors - centre).square().sum(-1), held_out),
        active=_per_sequence(torch.cat(active), held_out),
        tokens=_per_sequence(torch.ones(len(held_out), device=centre.device), held_out),
        live_fraction=float(fired.float().mean()),
    )


def _per_sequence(values: Tensor, activations: Activations) -> Tensor:
    """Sums [sequence] of values [token]; in double precision, because the sums are subtracted from each other."""
    sums = torch.zeros(int(activations.sequence.max()) + 1, dtype=torch.float64, device=values.device)
    return sums.index_add(0, activations.sequence, values.double()).cpu()


@dataclass(frozen=True)
class LossRecovered:
    """Cross-entropies, in nats per token, of the language model on held-out text.

    Attributes:
        original: with the residual stream as it is; the ceiling.
        spliced: with the SAE's reconstruction in its place.
        ablated: with the mean activation in its place; the floor.
    """

    original: float
    spliced: float
    ablated: float

    @property
    def ce_increase(self) -> float:
        """Nats per token that splicing costs (e2e_sae's CE loss increase)."""
        return self.spliced - self.original

    @property
    def fraction(self) -> float:
        """1 when splicing costs nothing, 0 when it costs as much as ablating; below 0 when more."""
        return (self.ablated - self.spliced) / (self.ablated - self.original)


def measure_loss_recovered(
    model: LanguageModel,
    sequences: Tensor,
    layer: int,
    reconstruct: Callable[[Tensor], Tensor],
    *,
    mean: Tensor,
    skip_massive: bool,
) -> LossRecovered:
    """How much of the language model's loss survives replacing the residual stream at one layer.

    Args:
        model: the whole model.
        sequences: token ids [sequence, pos].
        layer: the block whose input is replaced.
        reconstruct: what is put in place of activations [token, d_model].
        mean: [d_model], what ablation puts there.
        skip_massive: leave the tokens of `is_massive` as they are, in splicing and in ablation alike.
    """

    def cross_entropy(replace: Callable[[Tensor], Tensor]) -> float:
        def substitute(residual: Tensor) -> Tensor:
            replaced = replace(residual.flatten(0, 1)).view_as(residual)
            return torch.where(is_massive(residual)[..., None], residual, replaced) if skip_massive else replaced

        return _mean_cross_entropy(model, sequences, layer, substitute)

    return LossRecovered(
        original=cross_entropy(lambda activations: activations),
        spliced=cross_entropy(reconstruct),
        ablated=cross_entropy(lambda activations: mean.expand_as(activations)),
    )


def _mean_cross_entropy(
    model: LanguageModel, sequences: Tensor, layer: int, replace: Callable[[Tensor], Tensor]
) -> float:
    """Nats per predicted token; sequence by sequence, because the logits are the largest tensor of all."""
    total = 0.0
    for tokens in sequences.to(model.device).split(1):
        logits = spliced_logits(model, tokens, layer, replace)
        total += F.cross_entropy(logits[0, :-1], tokens[0, 1:], reduction="sum").item()
    return total / (len(sequences) * (sequences.shape[1] - 1))
