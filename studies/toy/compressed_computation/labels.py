"""The task: sparse inputs x, and labels ReLU(x) + Mx with a mess M."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize, relu

from studies.toy.compressed_computation.config import Config


@dataclass(frozen=True)
class Task:
    """What the model has to reproduce.

    Attributes:
        mess: M, [n, n], output by input; symmetric for every kind but `asymmetric`.
        embedding: W_E, [n, d], unit rows; None where the mess is not made from an embedding.
    """

    config: Config
    mess: Tensor
    embedding: Tensor | None

    def to(self, device: str) -> "Task":
        embedding = None if self.embedding is None else self.embedding.to(device)
        return Task(self.config, self.mess.to(device), embedding)

    def draw_inputs(self, rows: int, generator: torch.Generator) -> Tensor:
        """Sparse rows, [rows, n]: active values are U[-1, 1], the rest 0."""
        n, device = self.config.features, self.mess.device
        if self.config.activity == "one":
            active = torch.randint(n, (rows, 1), generator=generator, device=device)
            values = torch.rand((rows, 1), generator=generator, device=device) * 2 - 1
            return torch.zeros((rows, n), device=device).scatter_(1, active, values)
        values = torch.rand((rows, n), generator=generator, device=device) * 2 - 1
        active = torch.rand((rows, n), generator=generator, device=device) < self.config.active_probability
        return values * active

    def labels(self, inputs: Tensor) -> Tensor:
        """ReLU(x) + Mx for rows x, [rows, n] to [rows, n]."""
        return relu(inputs) + inputs @ self.mess.T


def make_task(config: Config) -> Task:
    """Draw the task's random matrices from the config's seed, on the CPU so that every device gets the same."""
    generator = seeded_generator(config, stream=0)
    embedding = draw_embedding(config, generator) if config.mess in ("embed", "flipped") else None
    return Task(config, draw_mess(config, embedding, generator), embedding)


def draw_embedding(config: Config, generator: torch.Generator) -> Tensor:
    """W_E: random rows of unit norm, [n, d]."""
    return normalize(torch.randn((config.features, config.embedding_dim), generator=generator), dim=1)


def draw_mess(config: Config, embedding: Tensor | None, generator: torch.Generator) -> Tensor:
    """M, [n, n], with a zero diagonal in every kind.

    Sources:
        `embed`: y = r W_E^T over the residual stream r = x W_E (Braun et al. 2025) leaves the MLP to make up for
        I - W_E W_E^T. `flipped`: the opposite sign, what the critique's code trains on. `symmetric`,
        `asymmetric`: the critique's noise of standard deviation s.
    """
    n = config.features
    if config.mess == "clean":
        return torch.zeros((n, n))
    if embedding is not None:
        embed = torch.eye(n) - embedding @ embedding.T
        return embed if config.mess == "embed" else -embed
    noise = config.mess_scale * torch.randn((n, n), generator=generator).fill_diagonal_(0)
    return noise.triu() + noise.triu().T if config.mess == "symmetric" else noise


def seeded_generator(config: Config, *, stream: int, device: str = "cpu") -> torch.Generator:
    """A generator of its own for each use (0 task, 1 weights, 2 training, 3 evaluation), so none shifts another."""
    return torch.Generator(device).manual_seed(4 * config.seed + stream)
