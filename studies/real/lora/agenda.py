"""Adapters as an agenda: every variant on one task, then ranks, with the same frozen dictionary."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from studies.driver import Decision, Evaluation, OpenJob, Plan, Run, Variant
from studies.real.language_model import LanguageModel, load_language_model
from studies.real.lora.adapters import make_adapter
from studies.real.lora.config import FULL, QUICK, VARIANTS, LoraConfig, dictionary_config
from studies.real.lora.training import Judgement, Trained, judge, train_adapter
from studies.real.sparse_autoencoder.model import SparseAutoencoder
from studies.real.sparse_autoencoder.training import train_in_job
from studies.real.text import read_works, sample_sequences
from studies.toy.unrecorded import Unrecorded

# A lead below this is within what two seeds of one adapter differ by, in nats per token.
MURKY_BELOW_NATS = 0.01
OFF_TASK_PRICE = 0.5  # nats of task loss that a nat of divergence off the task is worth


@dataclass(frozen=True)
class Sweep(Plan[LoraConfig]):
    """A plan that remembers the setting it varies."""

    base: LoraConfig


def vary_variant(base: LoraConfig) -> Sweep:
    variants = tuple(Variant(name, replace(base, variant=name)) for name in VARIANTS)
    return Sweep(f"which basis, rank {base.rank}, seed {base.seed}", variants, base)


def vary_rank(base: LoraConfig) -> Sweep:
    ranks = sorted({max(1, base.rank // 2), base.rank, min(2 * base.rank, base.d_model)})
    variants = tuple(Variant(f"rank {rank}", replace(base, rank=rank)) for rank in ranks)
    return Sweep(f"which rank, {base.variant}, seed {base.seed}", variants, base)


class LowRankAdapters:
    """The agenda of `driver.run_loops` for this workload. The dictionary is trained once, when it is first needed."""

    study = "lora-dictionary"
    regime = "real"

    def __init__(self, base: LoraConfig, *, device: str = "cpu") -> None:
        self.base, self.device = base, device
        self._dictionary: SparseAutoencoder | None = None

    def first_plan(self) -> Sweep:
        return vary_variant(self.base)

    @property
    def dictionary(self) -> SparseAutoencoder:
        if self._dictionary is None:
            config = dictionary_config(self.base)
            trained = train_in_job(config, SparseAutoencoder(config), Unrecorded(), device=self.device)
            self._dictionary = trained.requires_grad_(False)
        return self._dictionary

    def build(self, variant: Variant[LoraConfig]) -> LoraConfig:
        """Construct the adapter and see that it starts by changing nothing."""
        adapter = make_adapter(variant.config, self.dictionary).to(self.device)
        sample = torch.randn(4, variant.config.d_model, device=self.device)
        with torch.no_grad():
            if not torch.equal(adapter(sample), sample):
                raise ValueError(f"{variant.name}: an untrained adapter changes the residual stream")
        return variant.config

    def train(self, variant: Variant[LoraConfig], built: LoraConfig, job: OpenJob) -> Trained:
        with job.stage("load"):
            model = load_language_model(built.model, device=self.device)
            tokens = self._tokens(built.task_corpus, model.encode, built.sequences, built.seed, held_out=False)
            adapter = make_adapter(built, self.dictionary).to(self.device)
        return train_adapter(built, model, self.dictionary, adapter, tokens, job)

    def evaluate(self, runs: Sequence[Run[LoraConfig, Trained]]) -> list[Evaluation[LoraConfig]]:
        """Task loss, divergence off the task, parameters and step time of each."""
        model = load_language_model(self.base.model, device=self.device)
        count = self.base.held_out_sequences
        task = self._tokens(self.base.task_corpus, model.encode, count, 1_000, held_out=True).to(self.device)
        other = self._tokens(self.base.corpus, model.encode, count, 1_000, held_out=True).to(self.device)
        return [
            Evaluation(run.variant, self._metrics(model, run.variant.config, run.trained, task, other))
            for run in runs
            if run.trained is not None
        ]

    def _metrics(
        self, model: LanguageModel, config: LoraConfig, trained: Trained, task: torch.Tensor, other: torch.Tensor
    ) -> dict[str, float]:
        judged: Judgement = judge(model, config, trained.adapter, task, other)
        return {
            "task_loss": judged.task,
            "base_task_loss": judged.base_task,
            "off_task_divergence": judged.off_task_divergence,
            "price": judged.task + OFF_TASK_PRICE * judged.off_task_divergence,
            "parameters": float(trained.parameters),
            "step_seconds": trained.step_seconds,
        }

    def decide(self, plan: Plan[LoraConfig], evaluations: Sequence[Evaluation[LoraConfig]]) -> Decision[LoraConfig]:
        """The lowest task loss plus the price of what it moves elsewhere; variants and ranks by turns, new seeds."""
        assert isinstance(plan, Sweep), "this agenda's plans are sweeps"
        options = tuple(variant.name for variant in plan.variants)
        if not evaluations:
            return Decision("none", (*options, "none"), "nothing finished", "murky", None)
        ranked = sorted(evaluations, key=lambda one: one.metrics["price"])
        best = replace(ranked[0].variant.config, seed=plan.base.seed + 1)
        following = vary_rank(best) if plan.idea.startswith("which basis") else vary_variant(best)
        lead = ranked[1].metrics["price"] - ranked[0].metrics["price"] if len(ranked) > 1 else 0.0
        figures = ", ".join(
            f"{one.variant.name} {one.metrics['task_loss']:.3f} (off task {one.metrics['off_task_divergence']:.3f})"
            for one in ranked
        )
        because = f"task loss from {ranked[0].metrics['base_task_loss']:.3f}: {figures}"
        clarity = "clear" if lead > MURKY_BELOW_NATS else "murky"
        return Decision(ranked[0].variant.name, options, because, clarity, following)

    def _tokens(
        self, corpus: str, encode: Callable[[str], list[int]], count: int, seed: int, *, held_out: bool
    ) -> torch.Tensor:
        works = read_works(corpus, held_out=held_out)
        return sample_sequences(works, encode, count=count, positions=self.base.positions, seed=seed)


def make_agenda(*, seed: int, quick: bool, device: str) -> LowRankAdapters:
    """The registry's entry: SmolLM2 when quick, else GPT-2 small with a dictionary 60 times as wide."""
    return LowRankAdapters(replace(QUICK if quick else FULL, seed=seed), device=device)
