"""How much each component matters on each row: the variants that a researcher goes through.

All return [row, component], never negative, and carry no gradient: they only choose which components run.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import jvp, vmap

from studies.toy.parameter_decomposition.components import Components
from studies.toy.parameter_decomposition.targets import Weights

_PATH_POINTS = 8  # of the integrated gradients; midpoint rule


@torch.no_grad()
def attribute(kind: str, components: Components, inputs: Tensor, *, batched: bool = True) -> Tensor:
    """Attributions by name; with `batched` all components at once, else one after another, for the same numbers."""
    return {
        "gradient": attribute_by_gradient,
        "ablation": attribute_by_ablation,
        "activation": attribute_by_activation,
        "integrated_gradients": attribute_by_integrated_gradients,
    }[kind](components, inputs, batched)


def attribute_by_gradient(components: Components, inputs: Tensor, batched: bool = True) -> Tensor:
    """sqrt(mean over outputs o of (sum over weights of df_o/dw P_c)^2), Braun et al. 2025, section 2.2.

    The inner sum is the derivative of the output in the direction P_c: one forward-mode product for each component,
    where a backward pass for each output would be needed otherwise.
    """
    return _root_mean_square(directional_derivatives(components, inputs, components.target.weights, batched))


def attribute_by_integrated_gradients(components: Components, inputs: Tensor, batched: bool = True) -> Tensor:
    """The same with the derivative averaged along the straight path from zero weights to the components' sum.

    Summed over components, before squaring, this gives f(sum) - f(0) (completeness, Sundararajan et al. 2017).
    """
    return _root_mean_square(integrated_derivatives(components, inputs, batched))


def integrated_derivatives(
    components: Components, inputs: Tensor, batched: bool = True, points: int = _PATH_POINTS
) -> Tensor:
    """[component, row, output], the path average of the directional derivatives."""
    summed = {name: weight.sum(0) for name, weight in components.weights().items()}
    total: Tensor | None = None
    for point in range(points):
        at = {name: weight * ((point + 0.5) / points) for name, weight in summed.items()}
        term = directional_derivatives(components, inputs, at, batched) / points
        total = term if total is None else total + term
    assert total is not None, "points is at least 1"
    return total


def directional_derivatives(components: Components, inputs: Tensor, at: Weights, batched: bool) -> Tensor:
    """[component, row, output], the output's derivative at weights `at` in the direction of each component."""

    def outputs(weights: Weights) -> Tensor:
        return components.target.outputs(inputs, weights)

    def along(direction: Weights) -> Tensor:
        return jvp(outputs, (dict(at),), (dict(direction),))[1]

    return _over_components(along, components.weights(), batched)


def attribute_by_ablation(components: Components, inputs: Tensor, batched: bool = True) -> Tensor:
    """Root mean square change of the output when one component is left out of the sum."""
    weights = components.weights()
    summed = {name: weight.sum(0) for name, weight in weights.items()}
    complete = components.target.outputs(inputs, summed)

    def without(component: Weights) -> Tensor:
        left = {name: summed[name] - component[name] for name in summed}
        return complete - components.target.outputs(inputs, left)

    return _root_mean_square(_over_components(without, weights, batched))


def attribute_by_activation(components: Components, inputs: Tensor, batched: bool = True) -> Tensor:
    """Size of what a component writes in the target's own forward pass, sqrt(sum over layers of |a P_c|^2)."""
    read: dict[str, Tensor] = {}

    def record(layer: str, layer_inputs: Tensor) -> Tensor:
        read[layer] = layer_inputs
        return layer_inputs @ components.target.weights[layer]

    components.target.network(record, inputs)

    def written(component: Weights) -> Tensor:
        return sum((layer_inputs @ component[name]).square().sum(1) for name, layer_inputs in read.items())

    return _over_components(written, components.weights(), batched).T.sqrt()


def _over_components(function: Callable[[Weights], Tensor], weights: Weights, batched: bool) -> Tensor:
    if batched:
        return vmap(function)(dict(weights))
    count = len(next(iter(weights.values())))
    return torch.stack([function({name: weight[c] for name, weight in weights.items()}) for c in range(count)])


def _root_mean_square(values: Tensor) -> Tensor:
    """[component, row, output] to [row, component]."""
    return values.square().mean(2).sqrt().T


def batch_top_k(attributions: Tensor, k: float) -> Tensor:
    """Mask [row, component] of the k rows' worth of largest attributions in the whole batch (batch top-k).

    A component with attribution 0 is never chosen: on a row without any active feature nothing should run.
    """
    count = max(1, round(k * len(attributions)))
    values = attributions.flatten()
    chosen = torch.zeros_like(values).scatter_(0, values.topk(count).indices, 1.0)
    return (chosen * (values > 0)).view_as(attributions)
