"""The networks to decompose, each with the mechanisms that a decomposition should find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import relu

from studies.toy.compressed_computation.config import Config as ResidualConfig
from studies.toy.compressed_computation.labels import make_task
from studies.toy.compressed_computation.model import make_model
from studies.toy.compressed_computation.training import train as train_residual
from studies.toy.parameter_decomposition.config import Config
from studies.toy.unrecorded import Unrecorded

Weights = Mapping[str, Tensor]
Apply = Callable[[str, Tensor], Tensor]  # (layer, its input) to the layer's linear output


@dataclass(frozen=True)
class Target:
    """A trained network, its input distribution and its known mechanisms.

    Attributes:
        weights: of every layer that is decomposed, [d_in, d_out].
        tied: a layer whose weight is another's transpose, and that other; APD decomposes the other alone.
        network: runs the network on inputs [row, feature], each linear operation through an `Apply`.
        draw_inputs: rows from a generator on `device`.
        mechanisms: [mechanism, value], what of the weights belongs to each.
        parts: a component's weights to its share [mechanism, value] in each mechanism.
    """

    weights: Weights
    tied: Mapping[str, str]
    network: Callable[[Apply, Tensor], Tensor]
    draw_inputs: Callable[[int, torch.Generator], Tensor]
    mechanisms: Tensor
    parts: Callable[[Weights], Tensor]

    @property
    def parameters(self) -> int:
        """How many weights are decomposed, N in the losses."""
        return sum(weight.numel() for name, weight in self.weights.items() if name not in self.tied)

    def outputs(self, inputs: Tensor, weights: Weights | None = None) -> Tensor:
        """The network with its own weights, or with others of the same shapes."""
        return self.network(apply_weights(weights or self.weights), inputs)


def apply_weights(weights: Weights) -> Apply:
    return lambda layer, inputs: inputs @ weights[layer]


def make_target(config: Config, *, device: str = "cpu") -> Target:
    """Train (or build) the target that the config names; the same one for every decomposition of it."""
    make = {"tms": _make_tms, "residual_mlp": _make_residual_mlp, "gated": make_gated}[config.target]
    return make(config, device)


def draw_sparse_inputs(config: Config, rows: int, generator: torch.Generator) -> Tensor:
    """[row, feature]: U[0, 1] with the active probability, else 0."""
    shape, device = (rows, config.features), generator.device
    active = torch.rand(shape, generator=generator, device=device) < config.active_probability
    return torch.rand(shape, generator=generator, device=device) * active


def make_tms(weight: Tensor, bias: Tensor, config: Config) -> Target:
    """The target y = ReLU((x W) W^T + b) for W [feature, hidden]; its mechanisms are W's rows, one for each feature."""

    def network(apply: Apply, inputs: Tensor) -> Tensor:
        return relu(apply("linear2", apply("linear1", inputs)) + bias)

    return Target(
        weights={"linear1": weight, "linear2": weight.T},
        tied={"linear2": "linear1"},
        network=network,
        draw_inputs=lambda rows, generator: draw_sparse_inputs(config, rows, generator),
        mechanisms=weight,
        parts=lambda weights: weights["linear1"],
    )


def _make_tms(config: Config, device: str) -> Target:
    """Elhage et al. 2022, trained as the published code does: AdamW, rate falling linearly to 0, MSE against x."""
    generator = torch.Generator().manual_seed(config.target_seed)
    weight = torch.empty((config.features, config.hidden))
    torch.nn.init.xavier_normal_(weight, generator=generator)
    weight, bias = weight.to(device).requires_grad_(), torch.zeros(config.features, device=device, requires_grad=True)
    optimizer = torch.optim.AdamW([weight, bias], lr=config.target_learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / config.target_steps)
    generator = torch.Generator(device).manual_seed(config.target_seed)
    for _ in range(config.target_steps):
        inputs = draw_sparse_inputs(config, config.target_rows, generator)
        loss = (relu(inputs @ weight @ weight.T + bias) - inputs).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return make_tms(weight.detach(), bias.detach(), config)


def residual_config(config: Config) -> ResidualConfig:
    """Compressed computation's setting of the same size: several features active at once, as in Braun et al. 2025."""
    return ResidualConfig(
        mess="embed",
        form="embedding",
        features=config.features,
        neurons=config.hidden,
        embedding_dim=config.embedding_dim,
        activity="independent",
        active_probability=config.active_probability,
        batch_rows=config.target_rows,
        steps=config.target_steps,
        seed=config.target_seed,
    )


def _make_residual_mlp(config: Config, device: str) -> Target:
    """Compressed computation's embedding form; feature i's mechanism is what it writes to neurons, (W_E W_in)[i]."""
    untrained = make_task(residual_config(config))
    task, model = train_residual(untrained, make_model(untrained), Unrecorded(), device=device)
    embedding, w_in, w_out = model.embedding, model.w_in.detach(), model.w_out.detach()

    def network(apply: Apply, inputs: Tensor) -> Tensor:
        return apply("w_out", relu(apply("w_in", inputs @ embedding))) @ embedding.T

    return Target(
        weights={"w_in": w_in, "w_out": w_out},
        tied={},
        network=network,
        draw_inputs=task.draw_inputs,
        mechanisms=embedding @ w_in,
        parts=lambda weights: embedding @ weights["w_in"],
    )


# The gate's reach: at 0 it pushes a neuron this far below the largest x, so that no input opens it.
_CLOSED = 10.0
_RANGE = 5.0  # x lies in [0, 5]


def make_gated(config: Config, device: str = "cpu") -> Target:
    """A network built by hand: y = sum of f_i(x) over the open gates i, each f_i piecewise linear through its knots.

    Inputs are (x, gate 1, ..., gate n). Neuron k of function i is ReLU(x - t_k + 10 (gate_i - 1)), 0 while its gate is
    shut; its output weight is f_i's change of slope at knot t_k. The first neuron of a block reads its gate alone and
    carries f_i(0). A function is a random sum of two cosines, as in the APD paper's gated functions (the constants
    are drawn here). Its mechanism is all its weights, in both layers.
    """
    generator = torch.Generator().manual_seed(config.target_seed)
    n, neurons = config.features, config.hidden
    knots = torch.linspace(0, _RANGE, neurons)[:-1]
    w_in, w_out = torch.zeros(n + 1, n * neurons), torch.zeros(n * neurons, 1)
    bias = torch.zeros(n * neurons)
    for function in range(n):
        block = slice(function * neurons, (function + 1) * neurons)
        values = _draw_cosines(torch.linspace(0, _RANGE, neurons), generator)
        slopes = values.diff() / (_RANGE / (neurons - 1))
        w_in[0, block], w_in[function + 1, block] = 1.0, _CLOSED
        w_in[0, block.start], w_in[function + 1, block.start] = 0.0, 1.0
        bias[block.start + 1 : block.stop] = -knots - _CLOSED
        w_out[block, 0] = torch.cat([values[:1], slopes[:1], slopes.diff()])
    return _gated_target(w_in.to(device), w_out.to(device), bias.to(device), config)


def _draw_cosines(points: Tensor, generator: torch.Generator) -> Tensor:
    """a cos(b x + c) + d cos(e x + f) at the points, with amplitudes in [-1, 1] and at most one turn over the range."""
    draw = torch.rand(2, 3, generator=generator)
    amplitude, frequency, phase = 2 * draw[:, 0] - 1, draw[:, 1] * 2 * torch.pi / _RANGE, draw[:, 2] * 2 * torch.pi
    return (amplitude * torch.cos(points[:, None] * frequency + phase)).sum(1)


def _gated_target(w_in: Tensor, w_out: Tensor, bias: Tensor, config: Config) -> Target:
    n, neurons = config.features, config.hidden
    owner = torch.arange(n, device=w_in.device).repeat_interleave(neurons)

    def draw_inputs(rows: int, generator: torch.Generator) -> Tensor:
        x = torch.rand((rows, 1), generator=generator, device=generator.device) * _RANGE
        gates = torch.rand((rows, n), generator=generator, device=generator.device) < config.active_probability
        return torch.cat([x, gates.float()], 1)

    def flatten(weights: Weights) -> Tensor:
        return torch.cat([weights["w_in"].flatten(-2), weights["w_out"].flatten(-2)], -1)

    own = [{"w_in": w_in * (owner == i), "w_out": w_out * (owner == i)[:, None]} for i in range(n)]
    return Target(
        weights={"w_in": w_in, "w_out": w_out},
        tied={},
        network=lambda apply, inputs: apply("w_out", relu(apply("w_in", inputs) + bias)),
        draw_inputs=draw_inputs,
        mechanisms=torch.stack([flatten(weights) for weights in own]),
        parts=lambda weights: flatten(weights)[..., None, :].expand(*weights["w_in"].shape[:-2], n, -1),
    )
