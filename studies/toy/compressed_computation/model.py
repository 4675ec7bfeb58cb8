"""The MLP f(x) = ReLU(x W_in) W_out, over the features or inside a fixed random embedding. No biases."""

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from studies.toy.compressed_computation.labels import Task, seeded_generator


class Mlp(nn.Module):
    """The MLP branch of the residual model, as a function of the features.

    With `embedding` W_E, [n, d], the weights live in the residual stream and the features' view of the branch is
    f(x) = ReLU(x W_E W_in) W_out W_E^T; without it W_E is the identity.

    Attributes:
        w_in: [width, h], with width d in the embedding form and n in the reduced one.
        w_out: [h, width].
    """

    def __init__(self, w_in: Tensor, w_out: Tensor, embedding: Tensor | None = None) -> None:
        super().__init__()
        self.w_in = nn.Parameter(w_in)
        self.w_out = nn.Parameter(w_out)
        self.register_buffer("embedding", embedding)

    def forward(self, inputs: Tensor) -> Tensor:
        """What the branch adds to each feature, [rows, n] to [rows, n]."""
        if self.embedding is None:
            return relu(inputs @ self.w_in) @ self.w_out
        return relu(inputs @ self.embedding @ self.w_in) @ self.w_out @ self.embedding.T


def make_model(task: Task) -> Mlp:
    """A fresh model for the task, its weights drawn from the config's seed."""
    config = task.config
    generator = seeded_generator(config, stream=1)
    embedding = task.embedding if config.form == "embedding" else None
    width = config.features if embedding is None else config.embedding_dim
    w_in, w_out = torch.empty((width, config.neurons)), torch.empty((config.neurons, width))
    for weight in (w_in, w_out):
        if config.init == "kaiming":
            nn.init.kaiming_uniform_(weight, generator=generator)
        else:
            weight.normal_(std=weight.shape[0] ** -0.5, generator=generator)
    return Mlp(w_in, w_out, embedding)
