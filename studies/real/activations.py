"""The residual stream of a language model at one layer: reading it, and putting something else in its place."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studies.real.language_model import LanguageModel

# A token counts as massive from this many times the median norm on. At layer 4 of SmolLM2 the norms have two humps, 54
# to 91 (1st and 90th percentile) and around 700, with almost nothing between.
MASSIVE_RATIO = 3.0

# With fewer at a time, two busy CPU cores wait for each other more than they compute (at 4, 1.3 to 3 times slower); a
# GPU has room to spare at this size.
_SEQUENCES_AT_ONCE = 16


@dataclass(frozen=True)
class Activations:
    """Residual-stream vectors, one per kept token.

    Attributes:
        vectors: [token, d_model].
        sequence: [token], the number of the sequence each came from.
    """

    vectors: Tensor
    sequence: Tensor

    def __len__(self) -> int:
        return len(self.vectors)


class _LayerReached(Exception):
    """Ends a forward pass once the wanted layer has been read: the blocks after it would be computed for nothing."""


@torch.inference_mode()
def residual_stream(model: LanguageModel, tokens: Tensor, layer: int) -> Tensor:
    """What block `layer` reads (resid_pre), [batch, pos, d_model], for tokens [batch, pos]."""
    read: list[Tensor] = []

    def read_and_stop(block: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        read.append(inputs[0])
        raise _LayerReached

    handle = model.blocks[layer].register_forward_pre_hook(read_and_stop)
    try:
        model.run(tokens)
    except _LayerReached:
        return read[0]
    finally:
        handle.remove()
    raise RuntimeError(f"the forward pass never reached layer {layer}")


@torch.inference_mode()
def spliced_logits(model: LanguageModel, tokens: Tensor, layer: int, replace: Callable[[Tensor], Tensor]) -> Tensor:
    """Logits [batch, pos, vocabulary] with the residual stream at `layer` passed through `replace`."""

    def substitute(block: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (replace(inputs[0]), *inputs[1:])

    handle = model.blocks[layer].register_forward_pre_hook(substitute)
    try:
        return model.logits(tokens)
    finally:
        handle.remove()


def run_spliced(
    model: LanguageModel, tokens: Tensor, layer: int, replace: Callable[[Tensor], Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Logits [batch, pos, vocabulary], and the residual stream entering each later block, with `layer` replaced.

    Unlike `spliced_logits` it lets gradients through, which is what training end to end needs.
    """
    later: list[Tensor] = []

    def substitute(block: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (replace(inputs[0]), *inputs[1:])

    def keep(block: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        later.append(inputs[0])

    handles = [model.blocks[layer].register_forward_pre_hook(substitute)]
    handles += [block.register_forward_pre_hook(keep) for block in model.blocks[layer + 1 :]]
    try:
        return model.logits(tokens), later
    finally:
        for handle in handles:
            handle.remove()


def is_massive(residual: Tensor) -> Tensor:
    """Which tokens [batch, pos] of a residual stream [batch, pos, d_model] carry a massive activation.

    Position 0 always does (Sun et al. 2024, arXiv 2402.17762). So does, in SmolLM2, the first " the" of a sequence: one
    token in a hundred, and with them 54 % of all variance at layer 4 lies in a single direction, so an FVU that counted
    them would measure little else.
    """
    norms = residual.norm(dim=-1)
    massive = norms > MASSIVE_RATIO * norms.median()
    massive[:, 0] = True
    return massive


def harvest(model: LanguageModel, sequences: Tensor, layer: int, *, skip_massive: bool) -> Activations:
    """The residual stream of token sequences [sequence, pos] at one layer, token by token.

    Args:
        model: needs its first `layer + 1` blocks only.
        sequences: token ids.
        layer: the block whose input is read.
        skip_massive: leave out the tokens of `is_massive`.
    """
    vectors, origins = [], []
    for first in range(0, len(sequences), _SEQUENCES_AT_ONCE):
        tokens = sequences[first : first + _SEQUENCES_AT_ONCE].to(model.device)
        residual = residual_stream(model, tokens, layer)
        massive = is_massive(residual)
        kept = ~massive if skip_massive else torch.ones_like(massive)
        vectors.append(residual[kept])
        origins.append(first + kept.nonzero()[:, 0])
    # Leaving inference mode by a copy: autograd may not touch inference tensors.
    return Activations(torch.cat(vectors).clone(), torch.cat(origins).clone())
