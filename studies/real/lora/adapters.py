"""The adapters: each maps a residual stream [token, d_model] to what the model should go on with."""

import torch
from torch import Tensor, nn

from studies.real.lora.config import LoraConfig
from studies.real.sparse_autoencoder.model import SparseAutoencoder


class Adapter(nn.Module):
    """x + update(x); the update starts at 0, so that training starts from the model as it is.

    Attributes:
        down: A, [width, rank], with width d_model or the number of latents.
        up: B, [rank, width], zero at first (Hu et al. 2021, arXiv 2106.09685, section 4.1).
    """

    def __init__(self, width: int, rank: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.down = nn.Parameter(torch.randn(width, rank, generator=generator) * width**-0.5)
        self.up = nn.Parameter(torch.zeros(rank, width))

    def forward(self, residual: Tensor) -> Tensor:
        return residual + residual @ self.down @ self.up


class DictionaryAdapter(Adapter):
    """x + decode(z A B), with z the latents of a frozen dictionary: what it does not explain of x stays as it is."""

    def __init__(self, dictionary: SparseAutoencoder, rank: int, seed: int) -> None:
        super().__init__(len(dictionary.decoder), rank, seed)
        self.dictionary = dictionary

    def forward(self, residual: Tensor) -> Tensor:
        latents = self.dictionary.encode(residual)
        return residual + self.write(self.read(latents))

    def read(self, latents: Tensor) -> Tensor:
        """z A, [token, rank]."""
        return latents @ self.down

    def write(self, read: Tensor) -> Tensor:
        """Decoded B, [token, d_model]; B and the decoder are multiplied first, [rank, d_model]: D more than d."""
        return read @ (self.up @ self.dictionary.decoder) * self.dictionary.scale


class SparseGatherAdapter(DictionaryAdapter):
    """The same adapter, reading only the k rows of A whose latents are active: k r products a token, not D r."""

    def read(self, latents: Tensor) -> Tensor:
        k = self.dictionary.k
        values, rows = latents.topk(k, dim=-1, sorted=False)
        return torch.bmm(values[:, None, :], self.down[rows])[:, 0]


class BiasAdapter(nn.Module):
    """x + decode(b where a latent is active): one number for each latent."""

    def __init__(self, dictionary: SparseAutoencoder) -> None:
        super().__init__()
        self.dictionary = dictionary
        self.bias = nn.Parameter(torch.zeros(len(dictionary.decoder)))

    def forward(self, residual: Tensor) -> Tensor:
        active = self.dictionary.encode(residual) > 0
        return residual + (active * self.bias) @ self.dictionary.decoder * self.dictionary.scale


class PulledBackAdapter(nn.Module):
    """A residual adapter that reads what the dictionary explains: x A becomes z (W_dec A) plus the decoder's bias.

    Rows of W_dec A, [latent, rank], say which latents the adapter reads. Nothing is trained after the pullback, so
    its loss against the residual adapter's is what the dictionary misses.
    """

    def __init__(self, trained: Adapter, dictionary: SparseAutoencoder) -> None:
        super().__init__()
        self.trained, self.dictionary = trained, dictionary
        self.reads = nn.Parameter((dictionary.decoder @ trained.down).detach())

    def forward(self, residual: Tensor) -> Tensor:
        latents = self.dictionary.encode(residual)
        offset = self.dictionary.decoder_bias @ self.trained.down
        return residual + (latents @ self.reads + offset) * self.dictionary.scale @ self.trained.up


def make_adapter(config: LoraConfig, dictionary: SparseAutoencoder) -> nn.Module:
    """A fresh adapter; `pullback` starts as a residual one."""
    if config.variant in ("residual", "pullback"):
        return Adapter(config.d_model, config.rank, config.seed)
    if config.variant == "bias":
        return BiasAdapter(dictionary)
    kind = SparseGatherAdapter if config.variant == "sparse_gather" else DictionaryAdapter
    return kind(dictionary, config.rank, config.seed)


def count_parameters(adapter: nn.Module) -> int:
    """Those that are trained: the dictionary is frozen."""
    return sum(parameter.numel() for parameter in adapter.parameters() if parameter.requires_grad)
