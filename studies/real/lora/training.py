"""Training an adapter on the task's text, and what it is judged by."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studies.driver import OpenJob
from studies.real.activations import is_massive, run_spliced
from studies.real.language_model import LanguageModel
from studies.real.lora.adapters import Adapter, PulledBackAdapter
from studies.real.lora.config import LoraConfig
from studies.real.sparse_autoencoder.model import SparseAutoencoder

_JUDGED_AT_ONCE = 8  # sequences: their logits are the largest tensor of all


@dataclass(frozen=True)
class Trained:
    """An adapter after its job.

    Attributes:
        step_seconds: mean of the steady stage's steps, by the host's clock.
        parameters: how many were trained.
    """

    adapter: nn.Module
    step_seconds: float
    parameters: int


@dataclass(frozen=True)
class Judgement:
    """Nats per token on held-out text.

    Attributes:
        task: cross-entropy on the task's corpus, adapted.
        base_task: the same without the adapter.
        off_task_divergence: KL(base || adapted) on the corpus that should not change.
    """

    task: float
    base_task: float
    off_task_divergence: float


def train_adapter(
    config: LoraConfig,
    model: LanguageModel,
    dictionary: SparseAutoencoder,
    adapter: nn.Module,
    sequences: Tensor,
    job: OpenJob,
) -> Trained:
    """One pass of Adam over the task's sequences [sequence, pos] in a random order, rate falling by a cosine.

    Raises:
        ArithmeticError: the loss is not finite at the end.
    """
    trained = [parameter for parameter in adapter.parameters() if parameter.requires_grad]
    parameters = sum(parameter.numel() for parameter in trained)
    optimizer = torch.optim.Adam(trained, lr=config.learning_rate)
    generator = torch.Generator().manual_seed(config.seed)
    batches = torch.randperm(len(sequences), generator=generator).split(config.batch_sequences)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=len(batches))
    with job.stage("steady"):
        began = time.perf_counter()
        for batch in batches:
            loss = cross_entropy(model, sequences[batch].to(model.device), config, adapter)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        last_loss = loss.item()
        step_seconds = (time.perf_counter() - began) / len(batches)
    if not math.isfinite(last_loss):
        raise ArithmeticError(f"the task's loss became {last_loss}; lower learning_rate")
    if config.variant == "pullback":
        assert isinstance(adapter, Adapter), "a pullback starts from a residual adapter"
        adapter = PulledBackAdapter(adapter, dictionary)
    return Trained(adapter, step_seconds, parameters)


def cross_entropy(
    model: LanguageModel, tokens: Tensor, config: LoraConfig, adapter: Callable[[Tensor], Tensor]
) -> Tensor:
    """Nats per predicted token of tokens [batch, pos] with the adapter in the residual stream."""
    logits = adapted_logits(model, tokens, config, adapter)
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


def adapted_logits(
    model: LanguageModel, tokens: Tensor, config: LoraConfig, adapter: Callable[[Tensor], Tensor]
) -> Tensor:
    def adapt(residual: Tensor) -> Tensor:
        adapted = adapter(residual.flatten(0, 1)).view_as(residual)
        return torch.where(is_massive(residual)[..., None], residual, adapted) if config.skip_massive else adapted

    return run_spliced(model, tokens, config.layer, adapt)[0]


@torch.no_grad()
def judge(
    model: LanguageModel, config: LoraConfig, adapter: Callable[[Tensor], Tensor], task: Tensor, other: Tensor
) -> Judgement:
    """The adapter on held-out sequences of the task and of the corpus that should not change."""
    adapted = [cross_entropy(model, tokens, config, adapter).item() for tokens in task.split(_JUDGED_AT_ONCE)]
    base = [cross_entropy(model, tokens, config, _unchanged).item() for tokens in task.split(_JUDGED_AT_ONCE)]
    moved = [_divergence(model, config, adapter, tokens) for tokens in other.split(_JUDGED_AT_ONCE)]
    weights = [len(tokens) for tokens in task.split(_JUDGED_AT_ONCE)]
    other_weights = [len(tokens) for tokens in other.split(_JUDGED_AT_ONCE)]
    return Judgement(_mean(adapted, weights), _mean(base, weights), _mean(moved, other_weights))


def _unchanged(residual: Tensor) -> Tensor:
    return residual


def _divergence(model: LanguageModel, config: LoraConfig, adapter: Callable[[Tensor], Tensor], tokens: Tensor) -> float:
    base = model.logits(tokens).flatten(0, 1).log_softmax(-1)
    adapted = adapted_logits(model, tokens, config, adapter).flatten(0, 1).log_softmax(-1)
    return F.kl_div(adapted, base, log_target=True, reduction="batchmean").item()


def _mean(values: list[float], weights: list[int]) -> float:
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)
