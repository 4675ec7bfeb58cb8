"""The closed configuration of one adapter, and the toy, quick and full settings."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from studies.real.sparse_autoencoder import config as sae

Variant = Literal["residual", "dictionary", "sparse_gather", "bias", "pullback"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)


@dataclass(frozen=True)
class LoraConfig:
    """One adapter and its training; flat scalars, because all of it is recorded with the job.

    Attributes:
        variant: `residual` adapts the stream; `dictionary` its latents; `sparse_gather` the same, touching only the
            rows of active latents; `bias` adds to active latents alone; `pullback` trains in the stream and then reads
            through the dictionary's decoder.
        model: as `language_model` finds it.
        layer: the adapter sits on the residual stream that enters this block.
        d_model: width of that stream.
        rank: r; ignored by `bias`.
        dictionary_ratio: latents per dimension, D / d.
        dictionary_k: latents active per token.
        dictionary_sequences: on how many the frozen dictionary is trained.
        corpus: what the model and the dictionary know, and where it should not change.
        task_corpus: what it is adapted to.
        sequences: of the task, trained on.
        held_out_sequences: of either corpus, judged on.
        seed: of the adapter, the text and its order. The dictionary's is 0: it is frozen, and shared by all adapters.
    """

    variant: Variant = "residual"
    model: Literal["smollm2", "gpt2", "bytes"] = "bytes"
    layer: int = 1
    d_model: int = 64
    rank: int = 4
    dictionary_ratio: int = 8
    dictionary_k: int = 8
    dictionary_sequences: int = 600
    corpus: Literal["shakespeare", "folder"] = "shakespeare"
    task_corpus: Literal["python_docs", "folder"] = "python_docs"
    sequences: int = 512
    held_out_sequences: int = 64
    positions: int = 64
    batch_sequences: int = 16
    learning_rate: float = 3e-3
    skip_massive: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.rank <= self.d_model:
            raise ValueError(f"rank == {self.rank}, must be at least 1 and at most d_model == {self.d_model}")
        if not 0 < self.dictionary_k <= self.dictionary_size:
            raise ValueError(f"dictionary_k == {self.dictionary_k}, must be 1 to {self.dictionary_size}")

    @property
    def dictionary_size(self) -> int:
        return self.dictionary_ratio * self.d_model


TOY = LoraConfig()

# SmolLM2 on some 8,000 tokens of Python documentation: minutes on two CPU cores.
QUICK = LoraConfig(
    model="smollm2",
    layer=4,
    d_model=576,
    rank=8,
    dictionary_k=32,
    dictionary_sequences=144,
    sequences=64,
    held_out_sequences=8,
    positions=128,
    batch_sequences=4,
    skip_massive=True,
)

# GPT-2 small with a dictionary 60 times as wide: 24,576 parameters in the stream, 1,474,560 in its latents.
FULL = replace(
    QUICK,
    model="gpt2",
    layer=6,
    d_model=768,
    rank=16,
    dictionary_ratio=60,
    dictionary_sequences=400_000,
    corpus="folder",
    sequences=20_000,
    held_out_sequences=500,
    positions=1_024,
    skip_massive=False,
)

SETTINGS: dict[str, LoraConfig] = {"toy": TOY, "quick": QUICK, "full": FULL}


def dictionary_config(config: LoraConfig) -> sae.SAEConfig:
    """How the frozen dictionary is trained: local, TopK."""
    return replace(
        sae.TOY_BYTES if config.model == "bytes" else sae.QUICK if config.model == "smollm2" else sae.FULL,
        model=config.model,
        layer=config.layer,
        d_model=config.d_model,
        corpus=config.corpus,
        sequences=config.dictionary_sequences,
        chunk_sequences=min(config.dictionary_sequences, 1_024),
        positions=config.positions,
        skip_massive=config.skip_massive,
        activation="topk",
        l1_coefficient=0.0,
        k=config.dictionary_k,
        dictionary_ratio=config.dictionary_ratio,
        seed=0,
    )
