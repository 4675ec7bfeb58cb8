"""Trains one sparse autoencoder, from nothing: a job loads its model and text, harvests, and optimises."""

import math

import torch
from torch import Tensor

from studies.driver import OpenJob
from studies.precision import autocast
from studies.real.activation_cache import ActivationCache, cache_folder
from studies.real.activations import harvest
from studies.real.language_model import LanguageModel, load_language_model
from studies.real.sparse_autoencoder.config import SAEConfig, activations_key
from studies.real.sparse_autoencoder.end_to_end import compute_end_to_end_losses
from studies.real.sparse_autoencoder.model import SparseAutoencoder, compute_losses
from studies.real.text import read_works, sample_sequences

# A latent is dead for training once it has not fired on so many batches in a row: at 256 tokens a batch about 2,500
# tokens, the same share of the quick run as the 10 million of Gao et al. are of theirs.
_DEAD_AFTER_BATCHES = 10


def train_in_job(config: SAEConfig, sae: SparseAutoencoder, job: OpenJob, *, device: str) -> SparseAutoencoder:
    """Train `sae` in place, chunk by chunk, in the stages `load`, `harvest` and `steady`.

    Every job loads and harvests for itself, unless the config caches and an earlier job has left the same activations.
    """
    if config.objective != "local":
        return train_end_to_end_in_job(config, sae, job, device=device)
    cache = ActivationCache(cache_folder(), activations_key(config)) if config.cache_activations else None
    chunks = math.ceil(config.sequences / config.chunk_sequences)
    if cache is not None and cache.holds(chunks):
        return _train_from_cache(config, sae, job, cache, chunks, device)
    with job.stage("load"):
        model = load_language_model(config.model, device=device, blocks=config.layer + 1)
        works = read_works(config.corpus, held_out=False)
        sequences = sample_sequences(
            works, model.encode, count=config.sequences, positions=config.positions, seed=config.seed
        )
    trainer = Trainer(config, sae.to(device))
    for chunk, tokens in enumerate(sequences.split(config.chunk_sequences)):
        with job.stage("harvest"):
            activations = harvest(model, tokens, config.layer, skip_massive=config.skip_massive)
            if cache is not None:
                cache.write(chunk, activations)
        with job.stage("steady"):
            trainer.train_on(activations.vectors, chunk)
    return sae


def _train_from_cache(
    config: SAEConfig, sae: SparseAutoencoder, job: OpenJob, cache: ActivationCache, chunks: int, device: str
) -> SparseAutoencoder:
    """The same batches without the language model: neither it nor the text is loaded."""
    trainer = Trainer(config, sae.to(device))
    for chunk in range(chunks):
        with job.stage("load"):
            vectors = cache.read(chunk).vectors.to(device)
        with job.stage("steady"):
            trainer.train_on(vectors, chunk)
    return sae


def train_end_to_end_in_job(
    config: SAEConfig, sae: SparseAutoencoder, job: OpenJob, *, device: str
) -> SparseAutoencoder:
    """Train on what the model predicts: every step runs the whole model twice forward and once back."""
    with job.stage("load"):
        model = load_language_model(config.model, device=device)
        works = read_works(config.corpus, held_out=False)
        sequences = sample_sequences(
            works, model.encode, count=config.sequences, positions=config.positions, seed=config.seed
        )
        trainer = Trainer(config, sae.to(device))
    with job.stage("steady"):
        trainer.train_end_to_end(model, sequences)
    return sae


class Trainer:
    """Adam over chunks of activations, with e2e_sae's schedule and clipping."""

    def __init__(self, config: SAEConfig, sae: SparseAutoencoder) -> None:
        self.config, self.sae = config, sae
        self.optimizer = torch.optim.Adam(sae.parameters(), lr=config.learning_rate, fused=True)
        self.generator = torch.Generator().manual_seed(config.seed)
        self.chunks = math.ceil(config.sequences / config.chunk_sequences)
        self.batches_unfired = torch.zeros(config.dictionary_size, device=sae.scale.device)
        self.compute_losses = (
            torch.compile(compute_losses, backend=config.compile) if config.compile else compute_losses
        )

    def train_on(self, vectors: Tensor, chunk: int) -> float:
        """Pass over one chunk of activations [token, d_model]; returns the last reconstruction loss."""
        if chunk == 0:
            self.sae.centre_on(vectors, normalise=self.config.normalise)
        batches = self._shuffled_batches(len(vectors))
        for place, indices in enumerate(batches):
            self._set_rate((chunk + place / len(batches)) / self.chunks)
            loss = self._step(vectors[indices.to(vectors.device)])
        if not math.isfinite(loss):
            raise ArithmeticError(f"the reconstruction loss became {loss}; lower the learning rate")
        return loss

    def train_end_to_end(self, model: LanguageModel, sequences: Tensor) -> float:
        """Pass over token sequences [sequence, pos]; returns the last total loss."""
        size = max(1, self.config.batch_tokens // self.config.positions)
        first = harvest(model, sequences[: max(size, 8)], self.config.layer, skip_massive=self.config.skip_massive)
        self.sae.centre_on(first.vectors, normalise=self.config.normalise)
        for epoch in range(self.config.epochs):
            order = torch.randperm(len(sequences), generator=self.generator).split(size)
            for place, indices in enumerate(order):
                self._set_rate((epoch + place / len(order)) / self.config.epochs)
                loss = self._end_to_end_step(model, sequences[indices].to(model.device))
        if not math.isfinite(loss):
            raise ArithmeticError(f"the end-to-end loss became {loss}; lower the learning rate")
        return loss

    def _end_to_end_step(self, model: LanguageModel, tokens: Tensor) -> float:
        with autocast(self.config.precision, str(tokens.device)):
            losses = compute_end_to_end_losses(model, self.sae, tokens, self.config)
        total = losses.total(self.config)
        self._update(total)
        return total.item()

    def _update(self, total: Tensor) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.sae.parameters(), self.config.gradient_clip)
        self.optimizer.step()
        self.sae.renormalise()

    def _shuffled_batches(self, count: int) -> list[Tensor]:
        """Indices of every batch of full size; one smaller batch when there are not enough for any."""
        size = min(self.config.batch_tokens, count)
        orders = (torch.randperm(count, generator=self.generator) for _ in range(self.config.epochs))
        return [indices for order in orders for indices in order.split(size) if len(indices) == size]

    def _set_rate(self, progress: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * rate_factor(self.config, progress)

    def _step(self, batch: Tensor) -> float:
        wants_dead = self.config.dead_coefficient > 0
        dead = self.batches_unfired >= _DEAD_AFTER_BATCHES if wants_dead else None
        with autocast(self.config.precision, str(batch.device)):
            losses = self.compute_losses(self.sae, batch, dead)
        self._update(losses.total(self.config))
        self.batches_unfired = torch.where(losses.fired, 0, self.batches_unfired + 1)
        return losses.reconstruction.item()


def rate_factor(config: SAEConfig, progress: float) -> float:
    """Share of the learning rate at `progress` in [0, 1]: a linear warm-up, then a cosine to `final_rate_fraction`."""
    if progress < config.warmup_fraction:
        return progress / config.warmup_fraction
    cooled = (progress - config.warmup_fraction) / (1 - config.warmup_fraction)
    floor = config.final_rate_fraction
    return floor + (1 - floor) * (1 + math.cos(math.pi * cooled)) / 2
