"""Training one model: AdamW with a cosine schedule on freshly drawn rows."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from studies.driver import OpenJob
from studies.precision import autocast
from studies.toy.compressed_computation.config import Config
from studies.toy.compressed_computation.labels import Task, seeded_generator
from studies.toy.compressed_computation.model import Mlp

KeepGoing = Callable[[int, Task, Mlp], bool]  # (steps done, task, model) to False where training should end


def train(
    task: Task, model: Mlp, job: OpenJob, *, device: str = "cpu", keep_going: KeepGoing | None = None
) -> tuple[Task, Mlp]:
    """Train the model in place and return task and model on the device, in float32.

    Args:
        task: what to train on.
        model: fresh.
        job: opens the stages `load`, `compile` where the config compiles, and `steady`.
        device: as torch names it.
        keep_going: asked after each step; None trains to the end.

    Raises:
        ArithmeticError: the loss is not finite at the end.
    """
    config = task.config
    with job.stage("load"):
        task, model = task.to(device), model.to(device)
        trained_task, model = (_in_bf16(task), model.bfloat16()) if config.precision == "bf16" else (task, model)
        generator = seeded_generator(config, stream=2, device=device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config.steps)
        loss_of = make_loss(config, model, device)
    if config.compile:
        with job.stage("compile"):
            loss_of = _compiled(loss_of, config, trained_task, device)
    with job.stage("steady"):
        for step in range(1, round(config.steps * config.stop_fraction) + 1):
            inputs, labels = draw_batch(trained_task, generator)
            loss = loss_of(inputs, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if keep_going is not None and not keep_going(step, task, model):
                break
        # Inside the stage: on a GPU reading the value waits for the steps still queued.
        last_loss = loss.item()
    if not math.isfinite(last_loss):
        raise ArithmeticError(f"training diverged, last loss {last_loss}; lower learning_rate")
    return task, model.float()


def make_loss(config: Config, model: Mlp, device: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Mean squared error over rows and features, in the config's precision."""

    def loss_of(inputs: Tensor, labels: Tensor) -> Tensor:
        with autocast(config.precision, device):
            outputs = model(inputs)
        return (outputs - labels).square().mean()

    return loss_of


def draw_batch(task: Task, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs and labels of one step, drawn in float32 whatever the task is held in."""
    inputs = task.draw_inputs(task.config.batch_rows, generator).to(task.mess.dtype)
    return inputs, task.labels(inputs)


def _in_bf16(task: Task) -> Task:
    embedding = None if task.embedding is None else task.embedding.bfloat16()
    return Task(task.config, task.mess.bfloat16(), embedding)


def _compiled(
    loss_of: Callable[[Tensor, Tensor], Tensor], config: Config, task: Task, device: str
) -> Callable[[Tensor, Tensor], Tensor]:
    """The compiled step, already run once, forward and backward, so that the steady stage has no compilation in it.

    Raises:
        ValueError: CUDA graphs are asked for on another device, where torch would leave them out without a word.
    """
    if config.compile == "cudagraphs" and torch.device(device).type != "cuda":
        raise ValueError(f"compile == 'cudagraphs' on device {device!r}: CUDA graphs need a CUDA device")
    compiled = torch.compile(loss_of, backend=config.compile)
    compiled(*draw_batch(task, seeded_generator(config, stream=2, device=device))).backward()
    return compiled


@contextmanager
def cpu_threads(count: int) -> Iterator[None]:
    """Let one operation use `count` threads inside the block; the setting is the process's, so it is put back."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
