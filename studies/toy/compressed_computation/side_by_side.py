"""Many models of one shape trained as one: their weights stacked, their steps batched matrix products."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import relu

from studies.driver import OpenJob
from studies.toy.compressed_computation.config import Config
from studies.toy.compressed_computation.labels import Task, seeded_generator
from studies.toy.compressed_computation.model import Mlp

Pair = tuple[Task, Mlp]


def family(config: Config) -> Config:
    """What configs must share to be trained together: all but the label and the seed."""
    return replace(config, mess="clean", mess_scale=1.0, embedding_dim=1, init="kaiming", seed=0, form="reduced")


def can_stack(config: Config) -> bool:
    """The reduced form in float32, trained to the end; anything else is trained by itself."""
    plain = config.precision == "float32" and not config.compile and config.stop_fraction == 1
    return config.form == "reduced" and plain


def train_side_by_side(
    pairs: Sequence[Pair], job: OpenJob, *, device: str = "cpu", own_draws: bool = False
) -> list[Pair]:
    """Train models of one family together.

    Args:
        pairs: tasks and fresh models.
        job: opens the stages `load` and `steady`.
        device: as torch names it.
        own_draws: each model sees the rows it would see alone, so that the results are those of `train` up to rounding;
            it costs a draw for each model and step. Otherwise all rows come from one generator.

    Raises:
        ArithmeticError: some loss is not finite at the end.
    """
    config = pairs[0][0].config
    with job.stage("load"):
        tasks = [task.to(device) for task, _ in pairs]
        mess = torch.stack([task.mess for task in tasks])
        w_in = torch.stack([model.w_in.detach() for _, model in pairs]).to(device).requires_grad_()
        w_out = torch.stack([model.w_out.detach() for _, model in pairs]).to(device).requires_grad_()
        generators = [seeded_generator(task.config, stream=2, device=device) for task in tasks]
        optimizer = torch.optim.AdamW([w_in, w_out], lr=config.learning_rate, weight_decay=config.weight_decay)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config.steps)
    with job.stage("steady"):
        for _ in range(config.steps):
            inputs = _draw(tasks, generators, own_draws)
            outputs = torch.bmm(relu(torch.bmm(inputs, w_in)), w_out)
            labels = relu(inputs) + torch.bmm(inputs, mess.transpose(1, 2))
            # A mean for each model, summed: each model's gradient is what it would be alone.
            loss = (outputs - labels).square().mean(dim=(1, 2)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        last_loss = loss.item()
    if not math.isfinite(last_loss):
        raise ArithmeticError(f"training diverged, last summed loss {last_loss}; lower learning_rate")
    trained_in, trained_out = w_in.detach(), w_out.detach()
    return [(task, Mlp(trained_in[k].clone(), trained_out[k].clone())) for k, task in enumerate(tasks)]


def _draw(tasks: Sequence[Task], generators: Sequence[torch.Generator], own_draws: bool) -> Tensor:
    """[model, row, feature]."""
    rows = tasks[0].config.batch_rows
    if own_draws:
        return torch.stack([task.draw_inputs(rows, one) for task, one in zip(tasks, generators, strict=True)])
    drawn = tasks[0].draw_inputs(rows * len(tasks), generators[0])
    return drawn.view(len(tasks), rows, -1)
