"""The sparse autoencoder: a dictionary of directions, few of which add up to an activation."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studies.real.sparse_autoencoder.config import SAEConfig

# Share of d_model that may work on reviving dead latents in one step (Gao et al. 2024, arXiv 2406.04093, section A.2).
_DEAD_K_FRACTION = 0.5


class SparseAutoencoder(nn.Module):
    """x is read as z = act(W_enc (x / scale - b_dec) + b_enc) and written as scale (W_dec^T z + b_dec).

    The encoder starts as the transpose of the decoder (Gao et al. 2024, section 2.4), which keeps most latents alive;
    subtracting b_dec only re-parametrises b_enc. e2e_sae normalises the decoder in the forward pass; here its rows are
    brought back to norm one after every step.

    Attributes:
        encoder: [d_model, latent].
        decoder: [latent, d_model], rows of norm one.
        scale: root mean square of the activations it was fitted to, or 1.
    """

    def __init__(self, config: SAEConfig) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(config.seed)
        directions = torch.randn(config.dictionary_size, config.d_model, generator=generator)
        directions = F.normalize(directions, dim=-1)
        self.k = config.k
        # All positive parts of ratio x d_model random directions add up to ratio / 2 times the activation, so a ReLU
        # dictionary would spend its first steps on shrinking.
        size = 1.0 if config.k else 2.0 / config.dictionary_ratio
        self.encoder = nn.Parameter(size * directions.T)
        self.decoder = nn.Parameter(directions)
        self.encoder_bias = nn.Parameter(torch.zeros(config.dictionary_size))
        self.decoder_bias = nn.Parameter(torch.zeros(config.d_model))
        self.register_buffer("scale", torch.ones(()))

    @torch.no_grad()
    def centre_on(self, sample: Tensor, *, normalise: bool) -> None:
        """Start from the mean (and, with `normalise`, the size) of a sample of activations [token, d_model]."""
        mean = sample.mean(0)
        if normalise:
            self.scale.copy_((sample - mean).square().mean().sqrt())
        self.decoder_bias.copy_(mean / self.scale)

    def pre_activations(self, scaled: Tensor) -> Tensor:
        """[token, latent] of scaled activations [token, d_model]."""
        return (scaled - self.decoder_bias) @ self.encoder + self.encoder_bias

    def activate(self, pre_activations: Tensor) -> Tensor:
        """Latents [token, latent]: all positive ones, or the k largest of them."""
        positive = F.relu(pre_activations)
        return keep_largest(positive, self.k) if self.k else positive

    def encode(self, activations: Tensor) -> Tensor:
        """Latents [token, latent] of activations [token, d_model]."""
        return self.activate(self.pre_activations(activations / self.scale))

    def decode(self, latents: Tensor) -> Tensor:
        """Reconstruction [token, d_model] of latents [token, latent]."""
        return (latents @ self.decoder + self.decoder_bias) * self.scale

    def forward(self, activations: Tensor) -> Tensor:
        return self.decode(self.encode(activations))

    @torch.no_grad()
    def renormalise(self) -> None:
        """Bring every dictionary direction back to norm one, or the L1 penalty is escaped by growing the decoder."""
        self.decoder.copy_(F.normalize(self.decoder, dim=-1))


def keep_largest(values: Tensor, k: int) -> Tensor:
    """`values` [token, latent] with all but the k largest of each row set to zero."""
    largest = values.topk(k, dim=-1, sorted=False)
    return torch.zeros_like(values).scatter(-1, largest.indices, largest.values)


@dataclass(frozen=True)
class Losses:
    """The terms of one step, in scaled units.

    Attributes:
        reconstruction: squared error, mean over tokens and dimensions.
        sparsity: L1 norm of the latents, mean over tokens, divided by d_model (e2e_sae's normalisation).
        dead: squared error of what the dead latents make of the error that is left; 0 when none are dead.
        fired: [latent], whether each latent was active on any token.
    """

    reconstruction: Tensor
    sparsity: Tensor
    dead: Tensor
    fired: Tensor

    def total(self, config: SAEConfig) -> Tensor:
        return self.reconstruction + config.l1_coefficient * self.sparsity + config.dead_coefficient * self.dead


def compute_losses(sae: SparseAutoencoder, activations: Tensor, dead: Tensor | None = None) -> Losses:
    """The losses on a batch of activations [token, d_model].

    Args:
        sae: the autoencoder.
        activations: unscaled.
        dead: [latent], which latents count as dead; None when nothing is done about them.
    """
    scaled = activations / sae.scale
    pre_activations = sae.pre_activations(scaled)
    latents = sae.activate(pre_activations)
    error = scaled - (latents @ sae.decoder + sae.decoder_bias)
    return Losses(
        reconstruction=error.square().mean(),
        sparsity=latents.sum(-1).mean() / scaled.shape[-1],  # latents are never negative
        dead=_dead_latent_loss(sae, pre_activations, error.detach(), dead),
        fired=latents.detach().amax(0) > 0,
    )


def _dead_latent_loss(sae: SparseAutoencoder, pre_activations: Tensor, error: Tensor, dead: Tensor | None) -> Tensor:
    """AuxK of Gao et al. 2024: the dead latents with the largest pre-activations reconstruct the error."""
    if dead is None or not dead.any():
        return error.new_zeros(())
    k = min(int(dead.sum()), int(error.shape[-1] * _DEAD_K_FRACTION))
    revived = keep_largest(F.relu(pre_activations[:, dead]), k) @ sae.decoder[dead]
    return (error - revived).square().mean()
