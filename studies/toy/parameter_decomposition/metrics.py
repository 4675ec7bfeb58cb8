"""How well components match the mechanisms that a target is known to have."""

from dataclasses import dataclass

import torch
from torch import Tensor

from studies.toy.parameter_decomposition.components import Components


@dataclass(frozen=True)
class Match:
    """The agreement of a decomposition with the truth.

    Attributes:
        mmcs: mean over mechanisms of the largest cosine with any component's part in them; 1 is perfect.
        ml2r: mean over mechanisms of that component's norm there over the mechanism's own; below 1 it is shrunk.
        found: how many different components those are. MMCS and ML2R alone are perfect for a single component that
            holds the whole network, so they tell nothing without it.
        mechanisms: how many there are.
    """

    mmcs: float
    ml2r: float
    found: int
    mechanisms: int


@torch.no_grad()
def match_components(mechanisms: Tensor, parts: Tensor) -> Match:
    """Braun et al. 2025, section 3.1: mechanisms [mechanism, value] against parts [component, mechanism, value]."""
    sizes, true_sizes = parts.norm(dim=2), mechanisms.norm(dim=1)
    cosines = (parts * mechanisms).sum(2) / (sizes * true_sizes).clamp_min(1e-12)
    best = cosines.max(0)
    ratios = sizes.gather(0, best.indices[None])[0] / true_sizes
    found = len(set(best.indices.tolist()))
    return Match(float(best.values.mean()), float(ratios.mean()), found, len(mechanisms))


@torch.no_grad()
def measure(components: Components) -> Match:
    """The match of trained components with their target's mechanisms."""
    target = components.target
    return match_components(target.mechanisms, target.parts(components.weights()))
