"""The losses of APD and SPD, each one a mean over rows and all hand-computable."""

from dataclasses import dataclass

import torch
from torch import Tensor

from studies.toy.parameter_decomposition.components import Components, ImportanceMLPs, Masks
from studies.toy.parameter_decomposition.config import Config

_LEAK = 0.01  # slope where a hard sigmoid would be flat, so that an importance can come back


def faithfulness_loss(components: Components) -> Tensor:
    """Mean squared distance between the components' sum and the target's weights (both papers' first loss)."""
    untied = [name for name in components.target.weights if name not in components.tied]
    weights = components.weights()
    squared = sum((weights[name].sum(0) - components.target.weights[name]).square().sum() for name in untied)
    return squared / sum(components.target.weights[name].numel() for name in untied)


def reconstruction_loss(components: Components, inputs: Tensor, outputs: Tensor, mask: Tensor) -> Tensor:
    """Minimality: mean squared error of the output when only the masked components run."""
    return (components.masked_outputs(inputs, mask) - outputs).square().mean()


def simplicity_loss(components: Components, mask: Tensor, p: float) -> Tensor:
    """Schatten norms of the active components, mean over rows, divided by the number of weights.

    As APD's code has it: sum over ranks m of (|left_m|^2 |right_m|^2)^(p / 2), which is the Schatten norm to the power
    p where the ranks are orthogonal and a bound from above (p <= 1) elsewhere.
    """
    norms = torch.zeros(mask.shape[1], device=mask.device)
    for name in components.left:
        squared = components.left[name].square().sum(1) * components.right[name].square().sum(2)
        norms = norms + (squared + 1e-16).pow(p / 2).sum(1)  # the root's slope at 0 is infinite
    return (mask @ norms).mean() / components.target.parameters


def lower_leaky(raw: Tensor) -> Tensor:
    """Hard sigmoid with a slight slope below 0: what masks are made of."""
    return torch.where(raw < 0, _LEAK * raw, raw.clamp(max=1))


def upper_leaky(raw: Tensor) -> Tensor:
    """Hard sigmoid with a slight slope above 1: what the penalty sees."""
    return torch.where(raw > 1, 1 + _LEAK * (raw - 1), raw.clamp(min=0))


def stochastic_mask(importance: Tensor, draw: Tensor) -> Tensor:
    """g + (1 - g) r: an unimportant component may be anything between off and on, an important one is on."""
    return importance + (1 - importance) * draw


def importance_loss(importances: list[Tensor], p: float, row_weights: Tensor) -> Tensor:
    """Sum over layers and components of g^p, mean over rows by their weights [row], which add up to 1."""
    return torch.stack([row_weights @ (one + 1e-12).pow(p).sum(1) for one in importances]).sum()


def merge_empty_rows(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """The rows with an active feature and one empty row, with the weights [row] that keep every mean over rows.

    Three in four of TMS 5-2's rows are empty. They are all alike: no subcomponent reads anything, so that whatever the
    masks, the output is the target's, and only the importances that an empty row is given count.
    """
    active = inputs.any(1)
    kept = inputs[active]
    weights = inputs.new_full((len(kept) + 1,), 1 / len(inputs))
    weights[-1] = 1 - len(kept) / len(inputs)
    return torch.cat([kept, inputs.new_zeros(1, inputs.shape[1])]), weights


@dataclass(frozen=True)
class Importances:
    """Causal importances of one batch, raw, by layer."""

    raw: dict[str, Tensor]

    def masks(self, generator: torch.Generator) -> dict[str, Tensor]:
        """One stochastic mask for each layer."""
        return {name: self._mask(raw, generator) for name, raw in self.raw.items()}

    @staticmethod
    def _mask(raw: Tensor, generator: torch.Generator) -> Tensor:
        return stochastic_mask(lower_leaky(raw), torch.rand(raw.shape, generator=generator, device=raw.device))

    def penalty(self, p: float, row_weights: Tensor) -> Tensor:
        return importance_loss([upper_leaky(raw) for raw in self.raw.values()], p, row_weights)


def read_importances(components: Components, mlps: ImportanceMLPs, inputs: Tensor) -> tuple[Importances, Tensor]:
    """Importances on a batch from the target's own activations, and the target's outputs."""
    read: dict[str, Tensor] = {}

    def record(layer: str, layer_inputs: Tensor) -> Tensor:
        read[layer] = layer_inputs
        return layer_inputs @ components.target.weights[layer]

    outputs = components.target.network(record, inputs)
    return Importances({name: mlps(name, components.inner(name, read[name])) for name in mlps.read}), outputs


def masked_error(components: Components, inputs: Tensor, outputs: Tensor, masks: Masks) -> Tensor:
    """Squared error of the output with some layers masked, mean over outputs, [row]."""
    return (components.target.network(components.apply(masks), inputs) - outputs).square().mean(1)


def spd_loss(
    config: Config, components: Components, mlps: ImportanceMLPs, inputs: Tensor, generator: torch.Generator
) -> Tensor:
    """Faithfulness, stochastic reconstruction of all layers and of each alone, and the price of importance."""
    inputs, row_weights = merge_empty_rows(inputs)
    importances, outputs = read_importances(components, mlps, inputs)
    everything = masked_error(components, inputs, outputs, importances.masks(generator))
    loss = config.faithfulness_coefficient * faithfulness_loss(components)
    loss = loss + config.reconstruction_coefficient * (row_weights @ everything)
    if config.layerwise_coefficient:
        masks = importances.masks(generator)
        alone = [masked_error(components, inputs, outputs, {name: mask}) for name, mask in masks.items()]
        loss = loss + config.layerwise_coefficient * (torch.stack(alone).mean(0) @ row_weights)
    return loss + config.importance_coefficient * importances.penalty(config.importance_p, row_weights)
