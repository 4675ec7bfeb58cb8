"""Sparse autoencoders on a language model as an agenda: how the loop driver builds, trains and evaluates them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

import tracker
from studies.driver import Decision, Evaluation, OpenJob, Plan, Run, Variant
from studies.real.activation_cache import ActivationCache, cache_folder
from studies.real.activations import Activations, harvest
from studies.real.language_model import load_language_model
from studies.real.sparse_autoencoder.config import (
    FULL,
    FULL_EVALUATION,
    QUICK,
    QUICK_EVALUATION,
    EvaluationConfig,
    SAEConfig,
    activations_key,
)
from studies.real.sparse_autoencoder.metrics import (
    LossRecovered,
    Measurement,
    measure,
    measure_loss_recovered,
)
from studies.real.sparse_autoencoder.model import SparseAutoencoder
from studies.real.sparse_autoencoder.policy import PENALTY, SEEDS, Sweep, decide, make_sweep, trade_off
from studies.real.sparse_autoencoder.training import train_in_job
from studies.real.text import read_works, sample_sequences


class SparseAutoencoders:
    """The agenda of `driver.run_loops` for this workload.

    Attributes:
        measured: every SAE measured so far, by config, on the same held-out sequences.
        sweep: the plan in progress; the driver runs the one that was handed out last.
        loss_recovered: of the chosen SAE, once the last question has been evaluated.
    """

    study = "sae-language-model"
    regime = "real"

    def __init__(self, base: SAEConfig, evaluation: EvaluationConfig, *, device: str = "cpu") -> None:
        self.base, self.evaluation, self.device = base, evaluation, device
        self.measured: dict[SAEConfig, Measurement] = {}
        self.sweep = make_sweep(PENALTY, base)
        self.loss_recovered: LossRecovered | None = None

    def first_plan(self) -> Sweep:
        self.sweep = make_sweep(PENALTY, self.base)
        return self.sweep

    def build(self, variant: Variant[SAEConfig]) -> SparseAutoencoder:
        """Construct the SAE and see that a forward gives finite values of the right shape."""
        sae = SparseAutoencoder(variant.config)
        sample = torch.randn(4, variant.config.d_model, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            reconstruction = sae(sample)
        if reconstruction.shape != sample.shape or not reconstruction.isfinite().all():
            raise ValueError(f"{variant.name}: the reconstruction does not fit the activations")
        return sae

    def train(self, variant: Variant[SAEConfig], built: SparseAutoencoder, job: OpenJob) -> SparseAutoencoder:
        return train_in_job(variant.config, built, job, device=self.device)

    def evaluate(self, runs: Sequence[Run[SAEConfig, SparseAutoencoder]]) -> list[Evaluation[SAEConfig]]:
        """FVU, L0 and live fraction of each on held-out text; after the last question also the loss recovered."""
        trained = {run.variant: run.trained for run in runs if run.trained is not None}
        if not trained:
            return []
        held_out = self._harvest_held_out()
        metrics: dict[Variant[SAEConfig], dict[str, float]] = {}
        for variant, sae in trained.items():
            measurement = self.measured[variant.config] = measure(sae, held_out)
            metrics[variant] = _metrics(measurement)
        if self.sweep.question == SEEDS:
            chosen = min(trained, key=lambda variant: trade_off(self.measured[variant.config]))
            mean = held_out.vectors.mean(0)
            self.loss_recovered = self._measure_loss_recovered(chosen.config, trained[chosen], mean)
            metrics[chosen]["loss_recovered_fraction"] = self.loss_recovered.fraction
        return [Evaluation(variant, values) for variant, values in metrics.items()]

    def decide(self, plan: Plan[SAEConfig], evaluations: Sequence[Evaluation[SAEConfig]]) -> Decision[SAEConfig]:
        assert isinstance(plan, Sweep), "this agenda's plans are sweeps"
        recovered = self.loss_recovered
        notes = f"; loss recovered {recovered.fraction:.3f}" if recovered else ""
        decision = decide(plan, self.measured, notes=notes)
        if isinstance(decision.next_plan, Sweep):
            self.sweep = decision.next_plan
        return decision

    def _harvest_held_out(self) -> Activations:
        """The held-out activations, from scratch in each iteration unless the config caches."""
        key = {**activations_key(self.base), "held_out": self.evaluation.sequences, "text_seed": self.evaluation.seed}
        cache = ActivationCache(cache_folder(), key)
        if self.base.cache_activations and cache.holds(1):
            return cache.read(0)
        model = load_language_model(self.base.model, device=self.device, blocks=self.base.layer + 1)
        tokens = self._held_out_sequences(model.encode, self.evaluation.sequences)
        held_out = harvest(model, tokens, self.base.layer, skip_massive=self.base.skip_massive)
        if self.base.cache_activations:
            cache.write(0, held_out)
        return held_out

    def _held_out_sequences(self, encode: Callable[[str], list[int]], count: int) -> torch.Tensor:
        works = read_works(self.base.corpus, held_out=True)
        return sample_sequences(works, encode, count=count, positions=self.base.positions, seed=self.evaluation.seed)

    def _measure_loss_recovered(self, config: SAEConfig, sae: SparseAutoencoder, mean: torch.Tensor) -> LossRecovered:
        """A job of its own, because the whole language model runs three times."""
        settings = {"sequences": self.evaluation.loss_sequences, "layer": config.layer}
        with tracker.job("loss recovered", device=self.device, config=settings) as job:
            with job.stage("load"):
                model = load_language_model(config.model, device=self.device)
                tokens = self._held_out_sequences(model.encode, self.evaluation.loss_sequences)
            with job.stage("steady"):
                return measure_loss_recovered(
                    model, tokens, config.layer, sae, mean=mean, skip_massive=config.skip_massive
                )


def _metrics(measurement: Measurement) -> dict[str, float]:
    return {
        "fvu": measurement.fvu,
        "l0": measurement.l0,
        "live_fraction": measurement.live_fraction,
        "trade_off": trade_off(measurement),
    }


def make_agenda(*, seed: int, quick: bool, device: str) -> SparseAutoencoders:
    """The registry's entry: SmolLM2 when quick, else GPT-2 small as published."""
    if quick:
        return SparseAutoencoders(replace(QUICK, seed=seed), QUICK_EVALUATION, device=device)
    return SparseAutoencoders(replace(FULL, seed=seed), FULL_EVALUATION, device=device)
