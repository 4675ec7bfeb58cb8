"""Training end to end: an SAE is good if the model predicts the same with it in its residual stream.

Braun et al. 2024 (arXiv 2405.12241), section 2: `e2e` is the KL divergence from the model's own predictions plus the
sparsity penalty; `downstream` adds the squared error of the residual stream at every later layer.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from studies.real.activations import is_massive, run_spliced
from studies.real.language_model import LanguageModel
from studies.real.sparse_autoencoder.config import SAEConfig
from studies.real.sparse_autoencoder.model import SparseAutoencoder


@dataclass(frozen=True)
class EndToEndLosses:
    """The terms of one step.

    Attributes:
        divergence: KL(original || spliced) of the predictions, nats per token.
        sparsity: L1 norm of the latents, mean over tokens, divided by d_model.
        downstream: squared error at the later layers, mean over layers, tokens and dimensions, in units of the SAE's
            scale; 0 for `e2e`.
    """

    divergence: Tensor
    sparsity: Tensor
    downstream: Tensor

    def total(self, config: SAEConfig) -> Tensor:
        penalty = config.l1_coefficient * self.sparsity
        return self.divergence + penalty + config.downstream_coefficient * self.downstream


def compute_end_to_end_losses(
    model: LanguageModel, sae: SparseAutoencoder, tokens: Tensor, config: SAEConfig
) -> EndToEndLosses:
    """The losses on tokens [batch, pos], with gradients to the SAE's parameters alone."""
    read: list[Tensor] = []

    def splice(residual: Tensor) -> Tensor:
        latents = sae.encode(residual.flatten(0, 1))
        read.append(latents)
        replaced = sae.decode(latents).view_as(residual)
        return torch.where(is_massive(residual)[..., None], residual, replaced) if config.skip_massive else replaced

    with torch.no_grad():
        original, original_later = run_spliced(model, tokens, config.layer, lambda residual: residual)
    spliced, spliced_later = run_spliced(model, tokens, config.layer, splice)
    return EndToEndLosses(
        divergence=divergence(original, spliced),
        sparsity=read[0].sum(-1).mean() / config.d_model,
        downstream=downstream_error(config, sae, original_later, spliced_later),
    )


def divergence(original: Tensor, spliced: Tensor) -> Tensor:
    """KL(original || spliced) of logits [batch, pos, vocabulary], mean over tokens, nats."""
    targets, predicted = original.flatten(0, 1).log_softmax(-1), spliced.flatten(0, 1).log_softmax(-1)
    return F.kl_div(predicted, targets, log_target=True, reduction="batchmean")


def downstream_error(
    config: SAEConfig, sae: SparseAutoencoder, original: list[Tensor], spliced: list[Tensor]
) -> Tensor:
    """Squared error of the residual stream entering each later block, mean over blocks, in units of the SAE's scale."""
    if config.objective != "downstream" or not original:
        return sae.scale.new_zeros(())
    errors = [(one - other).square().mean() for one, other in zip(original, spliced, strict=True)]
    return torch.stack(errors).mean() / sae.scale.square()
