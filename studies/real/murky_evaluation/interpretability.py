"""Held-out detection AUC: how well a latent's top tokens tell where it is active on text they were not taken from.

Automatic, and defined here: an explanation of a latent is the list of the token ids on which it is most active, with
their mean activations, on one half of the held-out text. On the other half each position is scored by its token's entry
in that list (0 where it has none), and the score is the area under the ROC curve of detecting that the latent is
active. .5 is chance; a latent that answers to single tokens has 1; one that answers to context lies between. It
judges what a list of tokens can explain and no more: no reader and no language-model judge is in it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

TOP_TOKENS = 20


@dataclass(frozen=True)
class Scores:
    """AUCs of a sample of latents.

    Attributes:
        auc: [latent], of those that could be scored.
        silent: how many could not, because they were active on no position, or on all, of the half that judges.
    """

    auc: Tensor
    silent: int

    @property
    def mean(self) -> float:
        """NaN when none could be scored."""
        return float(self.auc.mean())

    @property
    def standard_error(self) -> float:
        """Of the mean, over the latents of the sample."""
        return float(self.auc.std()) / len(self.auc) ** 0.5


def score_latents(latents: Tensor, tokens: Tensor, *, judged_latents: Tensor, judged_tokens: Tensor) -> Scores:
    """AUC of each latent.

    Args:
        latents: [position, latent], activations on the half that explains.
        tokens: [position], its token ids.
        judged_latents: [position, latent], on the half that judges.
        judged_tokens: [position].
    """
    explanations = explain(latents, tokens, vocabulary=int(max(tokens.max(), judged_tokens.max())) + 1)
    predicted = explanations[judged_tokens]
    active = judged_latents > 0
    aucs = [auc(predicted[:, latent], active[:, latent]) for latent in range(active.shape[1])]
    known = [one for one in aucs if one is not None]
    return Scores(torch.tensor(known, dtype=torch.float64), len(aucs) - len(known))


def explain(latents: Tensor, tokens: Tensor, *, vocabulary: int) -> Tensor:
    """[token id, latent]: the mean activation on each of a latent's top token ids, 0 on all others."""
    sums = torch.zeros((vocabulary, latents.shape[1]), device=latents.device).index_add_(0, tokens, latents)
    counts = torch.bincount(tokens, minlength=vocabulary).clamp_min(1)
    means = sums / counts[:, None]
    top = means.topk(min(TOP_TOKENS, vocabulary), dim=0)
    return torch.zeros_like(means).scatter_(0, top.indices, top.values)


def auc(score: Tensor, positive: Tensor) -> float | None:
    """Area under the ROC curve, ties counted half (Mann and Whitney 1947); None without both kinds."""
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    _, inverse, counts = score.unique(return_inverse=True, return_counts=True)
    ranks = counts.cumsum(0).double() - (counts.double() - 1) / 2  # mean rank of each value
    rank_sum = float(ranks[inverse][positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def sample_latents(count: int, sample: int, *, rng: torch.Generator) -> Tensor:
    """Numbers of `sample` latents out of `count`, without repeats; all of them where `sample` is 0 or more."""
    if not 0 < sample < count:
        return torch.arange(count)
    return torch.randperm(count, generator=rng)[:sample]
