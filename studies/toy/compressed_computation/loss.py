"""What a model scores: L/p exactly, L/p from samples, and the two values to compare it with.

L is the mean squared error over rows and features, p the probability that a given feature is active. Dividing by p
makes runs at different sparsity comparable (the critique's "adjusted loss").
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from studies.toy.compressed_computation.labels import Task, seeded_generator

Function = Callable[[Tensor], Tensor]
# Far above the seeds that one study uses; under 32 bits, because a CPU generator drops the rest of its seed.
_ROUND_STRIDE = 1_000_003
ROWS_AT_ONCE = 100_000  # the critique's evaluation batch: 16 MB of inputs at n = 40


@dataclass(frozen=True)
class SampledLoss:
    """L/p estimated from `rows` rows, with the standard error of that estimate."""

    loss_over_p: float
    standard_error: float
    rows: int


def exact_loss_over_p(model: Function, task: Task) -> float:
    """L/p with exactly one active feature, from 2n forward rows.

    The model and the label are positively homogeneous, so a row v e_i costs v^2 times what +e_i or -e_i costs, and
    E v^2 = 1/3 on either side of zero; with p = 1/n:

        L/p = (1 / 6n) (sum_i |f(e_i) - label(e_i)|^2 + sum_i |f(-e_i) - label(-e_i)|^2)

    Raises:
        ValueError: features are independently active, where this is not the loss.
    """
    if task.config.activity != "one":
        raise ValueError("the exact loss holds for activity == 'one' only; sample it instead")
    basis = torch.eye(task.config.features, device=task.mess.device)
    rows = torch.cat([basis, -basis])
    with torch.no_grad():
        squared_error = (model(rows) - task.labels(rows)).double().square().sum()
    return float(squared_error) / (6 * task.config.features)


def sampled_loss_over_p(model: Function, task: Task, rows: int | None = None, evaluation_round: int = 0) -> SampledLoss:
    """L/p from rows drawn afresh, as the published code evaluates; the config's seed and the round decide which."""
    rows = rows or task.config.evaluation_rows
    generator = seeded_generator(task.config, stream=3, device=str(task.mess.device))
    generator.manual_seed(generator.initial_seed() + _ROUND_STRIDE * evaluation_round)
    per_row = []
    with torch.no_grad():
        for start in range(0, rows, ROWS_AT_ONCE):
            inputs = task.draw_inputs(min(ROWS_AT_ONCE, rows - start), generator)
            per_row.append((model(inputs) - task.labels(inputs)).square().mean(dim=1).double())
    losses = torch.cat(per_row) / task.config.p
    return SampledLoss(float(losses.mean()), float(losses.std()) / rows**0.5, rows)


def naive_loss_over_p(features: int, neurons: int) -> float:
    """L/p of the naive solution: h ReLUs exact and the rest 0, so (1 - h/n) E[ReLU(x_i)^2 | active] = (1 - h/n) / 6.

    1/12 where half the ReLUs fit.
    """
    return (1 - neurons / features) / 6


def svd_bound_over_p(mess: Tensor, neurons: int) -> float:
    """The least L/p that any weights can reach with exactly one active feature.

    Over the rows +e_i the model is the matrix ReLU(W_in) W_out and the label I + M^T; over -e_i ReLU(-W_in) W_out
    and -M^T. Both model matrices have rank at most h, so by Eckart and Young (1936) each misses at least the squared
    singular values beyond the h largest. For M = 0 that is the naive loss.

    Args:
        mess: M, [n, n].
        neurons: h.
    """
    n = mess.shape[0]
    mess = mess.double()
    identity = torch.eye(n, dtype=mess.dtype, device=mess.device)
    positive, negative = (torch.linalg.svdvals(matrix)[neurons:] for matrix in (identity + mess.T, mess.T))
    return float(positive.square().sum() + negative.square().sum()) / (6 * n)
