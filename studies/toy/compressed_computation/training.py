"""Training one model: AdamW with a cosine schedule on freshly drawn rows."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from studies.driver import OpenJob
from studies.toy.compressed_computation.labels import Task, seeded_generator
from studies.toy.compressed_computation.model import Mlp


def train(task: Task, model: Mlp, job: OpenJob, *, device: str = "cpu") -> tuple[Task, Mlp]:
    """Train the model in place and return task and model on the device.

    Raises:
        ArithmeticError: the loss is not finite at the end.
    """
    config = task.config
    with job.stage("load"):
        task, model = task.to(device), model.to(device)
        generator = seeded_generator(config, stream=2, device=device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config.steps)
    with job.stage("steady"):
        for _ in range(config.steps):
            inputs = task.draw_inputs(config.batch_rows, generator)
            loss = (model(inputs) - task.labels(inputs)).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        # Inside the stage: on a GPU reading the value waits for the steps still queued.
        last_loss = loss.item()
    if not math.isfinite(last_loss):
        raise ArithmeticError(f"training diverged, last loss {last_loss}; lower learning_rate")
    return task, model


@contextmanager
def cpu_threads(count: int) -> Iterator[None]:
    """Let one operation use `count` threads inside the block; the setting is the process's, so it is put back."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
