"""Training a decomposition: Adam with a short warm-up and a cosine, on freshly drawn rows."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from studies.driver import OpenJob
from studies.toy.parameter_decomposition.attributions import attribute, batch_top_k
from studies.toy.parameter_decomposition.components import Components, ImportanceMLPs
from studies.toy.parameter_decomposition.config import Config
from studies.toy.parameter_decomposition.losses import (
    faithfulness_loss,
    lower_leaky,
    read_importances,
    reconstruction_loss,
    simplicity_loss,
    spd_loss,
    stochastic_mask,
    upper_leaky,
)
from studies.toy.parameter_decomposition.targets import Target

Loss = Callable[[Tensor], Tensor]


def decompose(config: Config, target: Target, job: OpenJob, *, device: str = "cpu") -> Components:
    """Train components of the target from scratch.

    Raises:
        ArithmeticError: the loss is not finite at the end.
    """
    with job.stage("load"):
        components = Components(config, target)
        mlps = make_importances(config, components)
        generator = torch.Generator(device).manual_seed(config.seed)
        loss_of = make_loss(config, components, mlps, generator)
        trained = [*components.parameters(), *(mlps.parameters() if mlps else ())]
        optimizer = torch.optim.Adam(trained, lr=config.learning_rate, fused=True)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: rate_factor(step / config.steps, config.warmup_fraction)
        )
    with job.stage("steady"):
        for _ in range(config.steps):
            loss = loss_of(target.draw_inputs(config.batch_rows, generator))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if config.method == "apd":
                components.normalise()
        last_loss = loss.item()
    if not math.isfinite(last_loss):
        raise ArithmeticError(f"training diverged, last loss {last_loss}; lower learning_rate")
    return components


def make_importances(config: Config, components: Components) -> ImportanceMLPs | None:
    """SPD's for each layer, also where two share their subcomponents; for a trained mask one for each set of them."""
    if config.method != "spd" and config.attribution != "trained_mask":
        return None
    shared = () if config.method == "spd" else components.tied
    layers = tuple(name for name in components.target.weights if name not in shared)
    return ImportanceMLPs(config, layers, components.target.mechanisms.device)


def rate_factor(progress: float, warmup: float) -> float:
    """Share of the learning rate at `progress` in [0, 1]: linear to 1 over the warm-up, then a cosine to 0."""
    if progress < warmup:
        return progress / warmup
    return (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


def make_loss(config: Config, components: Components, mlps: ImportanceMLPs | None, generator: torch.Generator) -> Loss:
    """The loss of one batch of inputs for the config's method and attribution."""
    if config.method == "spd":
        assert mlps is not None, "SPD has importances"
        return lambda inputs: spd_loss(config, components, mlps, inputs, generator)
    if config.attribution == "trained_mask":
        assert mlps is not None, "a trained mask has importances"
        return lambda inputs: trained_mask_loss(config, components, mlps, inputs, generator)
    return lambda inputs: apd_loss(config, components, inputs)


def apd_loss(config: Config, components: Components, inputs: Tensor) -> Tensor:
    """Faithfulness, minimality and simplicity (Braun et al. 2025, section 2) under the config's attribution."""
    attributions = attribute(config.attribution, components, inputs, batched=config.batched_attributions)
    mask = batch_top_k(attributions, config.top_k)
    return _weigh(config, components, inputs, components.target.outputs(inputs), mask, mask)


def trained_mask_loss(
    config: Config, components: Components, mlps: ImportanceMLPs, inputs: Tensor, generator: torch.Generator
) -> Tensor:
    """APD with SPD's causal importance in place of an attribution: the largest over a component's layers, learnt."""
    importances, outputs = read_importances(components, mlps, inputs)
    raw = torch.stack(list(importances.raw.values())).amax(0)
    draw = torch.rand(raw.shape, generator=generator, device=raw.device)
    loss = _weigh(config, components, inputs, outputs, stochastic_mask(lower_leaky(raw), draw), upper_leaky(raw))
    price = (upper_leaky(raw) + 1e-12).pow(config.importance_p).sum(1).mean()
    return loss + config.importance_coefficient * price


def _weigh(
    config: Config, components: Components, inputs: Tensor, outputs: Tensor, mask: Tensor, active: Tensor
) -> Tensor:
    return (
        config.faithfulness_coefficient * faithfulness_loss(components)
        + config.reconstruction_coefficient * reconstruction_loss(components, inputs, outputs, mask)
        + config.simplicity_coefficient * simplicity_loss(components, active, config.schatten_p)
    )
