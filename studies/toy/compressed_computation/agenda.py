"""Compressed computation as an agenda: how the loop driver builds, trains and evaluates its variants."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from studies.driver import Decision, Evaluation, OpenJob, Plan, Run, Variant
from studies.toy.compressed_computation.config import FULL, TOY, Config
from studies.toy.compressed_computation.labels import Task, make_task
from studies.toy.compressed_computation.loss import (
    SampledLoss,
    exact_loss_over_p,
    naive_loss_over_p,
    sampled_loss_over_p,
    svd_bound_over_p,
)
from studies.toy.compressed_computation.model import Mlp, make_model
from studies.toy.compressed_computation.policy import Sweep, decide, make_sweep
from studies.toy.compressed_computation.training import KeepGoing, cpu_threads, train

Trained = tuple[Task, Mlp]


class CompressedComputation:
    """The agenda of `driver.run_loops` for this workload.

    Attributes:
        keep_going: asked by each training after each step, where a tooling change stops some early.
        evaluation_round: which repeat of the evaluation is being made; each samples other rows.
    """

    study = "compressed-computation"
    regime = "toy"

    def __init__(self, base: Config, *, device: str = "cpu") -> None:
        self.base = base
        self.device = device
        self.keep_going: KeepGoing | None = None
        self.evaluation_round = 0

    def first_plan(self) -> Sweep:
        return make_sweep(self.base, axis=0, first_seed=self.base.seed)

    def build(self, variant: Variant[Config]) -> Trained:
        """Draw the task, construct the model, and see that a forward gives labels' shape and finite values."""
        task = make_task(variant.config)
        model = make_model(task)
        inputs = torch.eye(variant.config.features)
        with torch.no_grad():
            outputs = model(inputs)
        if outputs.shape != task.labels(inputs).shape or not outputs.isfinite().all():
            raise ValueError(f"{variant.name}: the model's output does not fit the labels")
        return task, model

    def train(self, variant: Variant[Config], built: Trained, job: OpenJob) -> Trained:
        task, model = built
        with cpu_threads(variant.config.threads):
            return train(task, model, job, device=self.device, keep_going=self.keep_going)

    def evaluate(self, runs: Sequence[Run[Config, Trained]]) -> list[Evaluation[Config]]:
        with cpu_threads(self.base.threads):
            return [
                Evaluation(run.variant, measure(*run.trained, self.evaluation_round))
                for run in runs
                if run.trained is not None
            ]

    def decide(self, plan: Plan[Config], evaluations: Sequence[Evaluation[Config]]) -> Decision[Config]:
        assert isinstance(plan, Sweep), "this agenda's plans are sweeps"
        return decide(plan, evaluations)


def make_agenda(*, seed: int, quick: bool, device: str) -> CompressedComputation:
    """The registry's entry: the toy size when quick, else the published one."""
    return CompressedComputation(replace(TOY if quick else FULL, seed=seed), device=device)


def measure(task: Task, model: Mlp, evaluation_round: int = 0) -> dict[str, float]:
    """The concrete metrics of one trained model.

    `naive_ratio` is L/p over the naive loss (below 1 is better than naive), `bound_gap` L/p minus the SVD bound
    where that is a bound.
    """
    config = task.config
    if config.evaluation == "exact":
        loss = SampledLoss(exact_loss_over_p(model, task), 0.0, 2 * config.features)
    else:
        loss = sampled_loss_over_p(model, task, evaluation_round=evaluation_round)
    naive = naive_loss_over_p(config.features, config.neurons)
    metrics = {
        "loss_over_p": loss.loss_over_p,
        "standard_error": loss.standard_error,
        "naive_ratio": loss.loss_over_p / naive,
        "naive_gap": loss.loss_over_p - naive,
    }
    if config.activity == "one":
        metrics["bound_gap"] = loss.loss_over_p - svd_bound_over_p(task.mess, config.neurons)
    return metrics
