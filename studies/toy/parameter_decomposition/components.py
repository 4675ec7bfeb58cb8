"""The learnt components of a target's weights, and running its network with some of them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from studies.toy.parameter_decomposition.config import Config
from studies.toy.parameter_decomposition.targets import Apply, Target

Masks = Mapping[str, Tensor]  # [row, component] by layer; a layer that is absent runs with the target's own weights


class Components(nn.Module):
    """P_c = left_c right_c for each layer; in APD component c is the same c in all layers.

    Attributes:
        left: [component, d_in, rank] by layer.
        right: [component, rank, d_out] by layer.
        tied: layers that reuse another's components, transposed, as the target reuses the weight. SPD still judges the
            importance of a shared subcomponent in each layer by itself.
    """

    def __init__(self, config: Config, target: Target) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(config.seed)
        self.tied = dict(target.tied)
        self.target, self.unit_norm = target, config.unit_norm
        self.left, self.right = nn.ParameterDict(), nn.ParameterDict()
        for name, weight in target.weights.items():
            if name in self.tied:
                continue
            left, right = draw_factors(config, weight, generator)
            self.left[name], self.right[name] = nn.Parameter(left), nn.Parameter(right)
        self.normalise()

    def factors(self, layer: str) -> tuple[Tensor, Tensor]:
        """Left [component, d_in, rank] and right [component, rank, d_out] of a layer, tied ones transposed."""
        if layer in self.tied:
            left, right = self.factors(self.tied[layer])
            return right.transpose(1, 2), left.transpose(1, 2)
        return self.left[layer], self.right[layer]

    def weights(self) -> dict[str, Tensor]:
        """Every component of every layer, [component, d_in, d_out]."""
        return {name: torch.matmul(*self.factors(name)) for name in self.target.weights}

    def inner(self, layer: str, inputs: Tensor) -> Tensor:
        """What each component reads, [row, component, rank], of a layer's inputs [row, d_in]."""
        left = self.factors(layer)[0]
        flat = left.permute(1, 0, 2).reshape(left.shape[1], -1)
        return (inputs @ flat).unflatten(1, (left.shape[0], left.shape[2]))

    def apply(self, masks: Masks) -> Apply:
        """Each masked layer computes the sum over components of mask times P_c."""

        def masked(layer: str, inputs: Tensor) -> Tensor:
            if layer not in masks:
                return inputs @ self.target.weights[layer]
            inner = self.inner(layer, inputs) * masks[layer][..., None]
            return inner.flatten(1) @ self.factors(layer)[1].flatten(0, 1)

        return masked

    def masked_outputs(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """The network with one mask [row, component] for all layers."""
        return self.target.network(self.apply(dict.fromkeys(self.target.weights, mask)), inputs)

    @torch.no_grad()
    def normalise(self) -> None:
        """Columns of the left factors back to norm one, their size moved into the right ones."""
        if not self.unit_norm:
            return
        for name, left in self.left.items():
            norms = left.norm(dim=1, keepdim=True).clamp_min(1e-12)
            left.div_(norms)
            self.right[name].mul_(norms.transpose(1, 2))


def draw_factors(config: Config, weight: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """First factors of a layer's components, left [component, d_in, rank] and right [component, rank, d_out].

    `random`: normal, their sum `init_scale` times as large as the weight. `aligned`: unit vectors u and v, v times
    u^T W v, so that each component starts with what it shares with the weight (SPD's code).
    """
    left = torch.randn(config.components, weight.shape[0], config.rank, generator=generator).to(weight.device)
    right = torch.randn(config.components, config.rank, weight.shape[1], generator=generator).to(weight.device)
    if config.init == "aligned":
        left, right = nn.functional.normalize(left, dim=1), nn.functional.normalize(right, dim=2)
        return left, right * torch.einsum("cir,io,cro->cr", left, weight, right)[..., None]
    size = config.init_scale * float(weight.std()) * (config.components * config.rank) ** -0.5
    return left * size**0.5, right * size**0.5


class ImportanceMLPs(nn.Module):
    """A small MLP for each component of each layer, from what it reads to how important it is on that row.

    Bushnaq et al. 2025, section 2: gamma_c(h_c) with one hidden layer of GELUs, followed by a hard sigmoid. First
    weights as in SPD's code, variance 2 / fan-in and then 1 / fan-in, but for the last bias.
    """

    def __init__(self, config: Config, layers: tuple[str, ...], device: torch.device) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(config.seed + 1)
        c, m, h = config.components, config.rank, config.importance_hidden

        def draw(*shape: int, size: float) -> nn.Parameter:
            return nn.Parameter((torch.randn(*shape, generator=generator) * size).to(device))

        self.read = nn.ParameterDict({name: draw(c, m, h, size=(2 / m) ** 0.5) for name in layers})
        self.read_bias = nn.ParameterDict({name: nn.Parameter(torch.zeros(c, h, device=device)) for name in layers})
        self.write = nn.ParameterDict({name: draw(c, h, size=h**-0.5) for name in layers})
        # 1 where the published code has 0: every subcomponent starts as important, so that nothing is lost before it is
        # understood. LOG.md has both.
        bias = config.importance_bias
        self.write_bias = nn.ParameterDict(
            {name: nn.Parameter(torch.full((c,), bias, device=device)) for name in layers}
        )

    def forward(self, layer: str, inner: Tensor) -> Tensor:
        """Raw importances [row, component] of inner activations [row, component, rank]."""
        hidden = (inner[..., None] * self.read[layer]).sum(2) if inner.shape[2] > 1 else inner * self.read[layer][:, 0]
        hidden = nn.functional.gelu(hidden + self.read_bias[layer])
        return (hidden * self.write[layer]).sum(-1) + self.write_bias[layer]
