"""Deciding by a murky metric: which dictionary is the most interpretable, from a random sample of its latents."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from studies.driver import Decision, Evaluation, OpenJob, Plan, Run, Variant
from studies.real.activations import residual_stream
from studies.real.language_model import load_language_model
from studies.real.murky_evaluation.config import FULL_MURKY, QUICK_MURKY, MurkyConfig
from studies.real.murky_evaluation.interpretability import Scores, sample_latents, score_latents
from studies.real.sparse_autoencoder.config import SAEConfig
from studies.real.sparse_autoencoder.model import SparseAutoencoder
from studies.real.sparse_autoencoder.training import train_in_job
from studies.real.text import read_works, sample_sequences


@dataclass(frozen=True)
class Sweep(Plan[SAEConfig]):
    """A plan that remembers the setting it varies and which question it asks."""

    base: SAEConfig
    question: str


def vary_k(base: SAEConfig) -> Sweep:
    variants = tuple(Variant(f"k={k}", replace(base, k=k)) for k in (base.k // 2, base.k, 2 * base.k))
    return Sweep(f"how many latents, seed {base.seed}", variants, base, "k")


def vary_width(base: SAEConfig) -> Sweep:
    ratios = (base.dictionary_ratio // 2, base.dictionary_ratio)
    variants = tuple(Variant(f"width {ratio}x", replace(base, dictionary_ratio=ratio)) for ratio in ratios)
    return Sweep(f"how wide, seed {base.seed}", variants, base, "width")


class MurkyEvaluation:
    """The agenda of `driver.run_loops`.

    Attributes:
        evaluation_round: which repeat of the evaluation is being made; each draws other latents.
    """

    study = "murky-evaluation"
    regime = "real"

    def __init__(self, config: MurkyConfig, *, device: str = "cpu") -> None:
        self.config, self.device = config, device
        self.evaluation_round = 0

    def first_plan(self) -> Sweep:
        return vary_k(self.config.sae)

    def build(self, variant: Variant[SAEConfig]) -> SparseAutoencoder:
        return SparseAutoencoder(variant.config)

    def train(self, variant: Variant[SAEConfig], built: SparseAutoencoder, job: OpenJob) -> SparseAutoencoder:
        return train_in_job(variant.config, built, job, device=self.device)

    def evaluate(self, runs: Sequence[Run[SAEConfig, SparseAutoencoder]]) -> list[Evaluation[SAEConfig]]:
        """The mean detection AUC of a fresh random sample of each dictionary's latents, with its standard error."""
        tokens, residual = self._held_out()
        evaluations = []
        for place, run in enumerate(runs):
            if run.trained is None:
                continue
            scores = self._score(run.trained, tokens, residual, place)
            metrics = {
                "interpretability": scores.mean,
                "standard_error": scores.standard_error,
                "scored": float(len(scores.auc)),
                "silent": float(scores.silent),
            }
            evaluations.append(Evaluation(run.variant, metrics))
        return evaluations

    def _held_out(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens [position] and residual stream [position, d_model], without the first position of each sequence."""
        sae = self.config.sae
        model = load_language_model(sae.model, device=self.device, blocks=sae.layer + 1)
        works = read_works(sae.corpus, held_out=True)
        tokens = sample_sequences(
            works, model.encode, count=self.config.sequences, positions=sae.positions, seed=self.config.seed
        )
        residual = torch.cat([residual_stream(model, some.to(self.device), sae.layer) for some in tokens.split(16)])
        return tokens[:, 1:].flatten().to(self.device), residual[:, 1:].flatten(0, 1)

    def _score(self, sae: SparseAutoencoder, tokens: torch.Tensor, residual: torch.Tensor, place: int) -> Scores:
        rng = torch.Generator().manual_seed(1_009 * self.evaluation_round + place)
        chosen = sample_latents(len(sae.decoder), self.config.latents, rng=rng).to(residual.device)
        with torch.no_grad():
            latents = torch.cat([sae.encode(some)[:, chosen] for some in residual.split(4_096)])
        half = len(tokens) // 2
        return score_latents(latents[:half], tokens[:half], judged_latents=latents[half:], judged_tokens=tokens[half:])

    def decide(self, plan: Plan[SAEConfig], evaluations: Sequence[Evaluation[SAEConfig]]) -> Decision[SAEConfig]:
        """The most interpretable; clear where it leads by two standard errors of the difference."""
        assert isinstance(plan, Sweep), "this agenda's plans are sweeps"
        options = tuple(variant.name for variant in plan.variants)
        known = [one for one in evaluations if one.metrics["scored"]]
        if not known:
            return Decision("none", (*options, "none"), "no latent could be scored", "murky", None)
        ranked = sorted(known, key=lambda one: -one.metrics["interpretability"])
        best = ranked[0].variant
        base = replace(best.config, seed=plan.base.seed + 1)
        following = vary_width(base) if plan.question == "k" else vary_k(base)
        figures = ", ".join(
            f"{one.variant.name} {one.metrics['interpretability']:.3f} ± {one.metrics['standard_error']:.3f}"
            for one in ranked
        )
        clarity = "clear" if leads(ranked) else "murky"
        return Decision(best.name, options, f"detection AUC: {figures}", clarity, following)


def leads(ranked: Sequence[Evaluation[SAEConfig]]) -> bool:
    """Whether the first is ahead of the second by more than two standard errors of the difference."""
    if len(ranked) < 2:
        return True
    first, second = ranked[0].metrics, ranked[1].metrics
    noise = (first["standard_error"] ** 2 + second["standard_error"] ** 2) ** 0.5
    return first["interpretability"] - second["interpretability"] > 2 * noise


def make_agenda(*, seed: int, quick: bool, device: str) -> MurkyEvaluation:
    """The registry's entry: SmolLM2 when quick, else GPT-2 small."""
    config = QUICK_MURKY if quick else FULL_MURKY
    return MurkyEvaluation(replace(config, sae=replace(config.sae, seed=seed)), device=device)
