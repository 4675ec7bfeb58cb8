"""What one sparse autoencoder is made and trained from, and the two settings: `quick` on a CPU, `full` on a GPU."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class SAEConfig:
    """One training job; flat scalars, because all of it is recorded with the job.

    Attributes:
        model: "smollm2" or "gpt2", as `language_model` finds them.
        layer: the SAE reads the residual stream that enters this block (resid_pre).
        d_model: width of the residual stream; known beforehand so that a variant can be built without the model.
        corpus: "shakespeare" or "folder", as `text` finds them.
        sequences: how many are trained on.
        positions: tokens per sequence.
        chunk_sequences: how many are harvested before training on them; bounds the memory that activations take.
        epochs: how often each chunk's activations are passed over.
        batch_tokens: activations per optimiser step.
        skip_massive: leave massive-activation tokens out of training, evaluation and splicing.
        normalise: divide activations by their root mean square, so that rates and penalties carry across models.
        activation: "relu", kept sparse by a penalty, or "topk", sparse by construction.
        l1_coefficient: multiplies the L1 norm of the latents divided by d_model; 0 for "topk".
        k: latents kept per token; 0 for "relu".
        dead_coefficient: multiplies the auxiliary loss that revives dead latents; 0 switches it off.
        dictionary_ratio: latents per dimension of the residual stream.
        learning_rate: Adam's, at the end of the warm-up.
        warmup_fraction: share of training over which the rate rises from 0.
        final_rate_fraction: share of the rate that is left when the cosine ends.
        gradient_clip: largest gradient norm.
        seed: of the initial weights, of the text and of its order.
        objective: `local`, the reconstruction; `e2e`, the KL divergence of the model's predictions; `downstream`, that
            and the reconstruction of the residual stream at all later layers.
        downstream_coefficient: multiplies that last term.
        cache_activations: keep harvested activations on disk and read them back; nothing to gain for e2e.
        precision: of the language model's and the SAE's products.
        compile: backend of torch.compile for the SAE's losses, or "".
    """

    model: Literal["smollm2", "gpt2", "minilm", "bytes"]
    layer: int
    d_model: int
    corpus: Literal["shakespeare", "folder"]
    sequences: int
    positions: int
    chunk_sequences: int
    epochs: int
    batch_tokens: int
    skip_massive: bool
    normalise: bool
    activation: Literal["relu", "topk"]
    l1_coefficient: float = 0.0
    k: int = 0
    dead_coefficient: float = 0.0
    dictionary_ratio: int = 8
    learning_rate: float = 5e-4
    warmup_fraction: float = 0.05
    final_rate_fraction: float = 0.1
    gradient_clip: float = 10.0
    seed: int = 0
    objective: Literal["local", "e2e", "downstream"] = "local"
    downstream_coefficient: float = 1.0
    cache_activations: bool = False
    precision: Literal["float32", "bf16_autocast"] = "float32"
    compile: str = ""

    def __post_init__(self) -> None:
        if self.objective != "local" and self.model == "minilm":
            raise ValueError(f"objective == {self.objective!r} needs next-token predictions, which 'minilm' has not")
        if (self.activation == "topk") != (0 < self.k <= self.dictionary_size):
            raise ValueError(
                f"k == {self.k} with activation {self.activation!r}: 'topk' needs 1 to {self.dictionary_size}, 'relu' 0"
            )
        if self.l1_coefficient < 0 or self.learning_rate <= 0:
            raise ValueError(
                f"l1_coefficient == {self.l1_coefficient}, learning_rate == {self.learning_rate}: "
                "the first must be at least 0, the second above 0"
            )

    @property
    def dictionary_size(self) -> int:
        return self.dictionary_ratio * self.d_model


@dataclass(frozen=True)
class EvaluationConfig:
    """On what an SAE is judged; always text of works it was not trained on.

    Attributes:
        sequences: for FVU, L0 and the live fraction.
        loss_sequences: for the loss recovered, which needs the whole language model three times.
        seed: of the text.
    """

    sequences: int
    loss_sequences: int
    seed: int = 1_000


# 18,432 tokens: eleven jobs of that size fit a quick study. Batches of 256 leave some 70 steps, so few that the rate
# has to be six times the paper's.
QUICK = SAEConfig(
    model="smollm2",
    layer=4,
    d_model=576,
    corpus="shakespeare",
    sequences=144,
    positions=128,
    chunk_sequences=144,
    epochs=1,
    batch_tokens=256,
    skip_massive=True,
    normalise=True,
    activation="relu",
    l1_coefficient=3.0,
    learning_rate=3e-3,
)
QUICK_EVALUATION = EvaluationConfig(sequences=32, loss_sequences=4)

# The faster second model: an encoder, so the local objective alone. 8x at layer 3, as tried before.
QUICK_MINILM = replace(QUICK, model="minilm", layer=3, d_model=384)

# A tiny model of bytes, for tests and for training end to end on a CPU: toy. TopK, so that L0 is equal by construction.
TOY_BYTES = replace(
    QUICK,
    model="bytes",
    layer=1,
    d_model=64,
    sequences=600,
    positions=64,
    chunk_sequences=600,
    batch_tokens=1_024,
    activation="topk",
    l1_coefficient=0.0,
    k=8,
    skip_massive=False,
)
TOY_EVALUATION = EvaluationConfig(sequences=32, loss_sequences=32)

# Braun et al. 2024 and its code: local SAEs on GPT-2 small, 400,000 sequences of 1,024 tokens in batches of 16 of them,
# a warm-up over the first 20,000, and the published penalty of layer 6. The code keeps every position.
# The paper's other layers are 2 and 10.
FULL = SAEConfig(
    model="gpt2",
    layer=6,
    d_model=768,
    corpus="folder",
    sequences=400_000,
    positions=1_024,
    chunk_sequences=1_024,
    epochs=1,
    batch_tokens=16 * 1_024,
    skip_massive=False,
    normalise=False,
    activation="relu",
    l1_coefficient=6.0,
    dictionary_ratio=60,
    learning_rate=5e-4,
    warmup_fraction=0.05,
)
FULL_EVALUATION = EvaluationConfig(sequences=500, loss_sequences=500)

# Objectives on SmolLM2 itself: a step end to end runs all thirty blocks twice forward and 26 of them back, some fifty
# tokens a second on a CPU core, so one sequence a step and few of them. Four times as wide as the stream, because that
# little text trains no more latents.
QUICK_OBJECTIVES = replace(
    QUICK,
    sequences=96,
    chunk_sequences=96,
    batch_tokens=128,
    activation="topk",
    l1_coefficient=0.0,
    k=32,
    dictionary_ratio=4,
)

OBJECTIVE_SETTINGS: dict[str, tuple[SAEConfig, EvaluationConfig]] = {
    "toy": (TOY_BYTES, TOY_EVALUATION),
    "quick": (QUICK_OBJECTIVES, EvaluationConfig(sequences=8, loss_sequences=8)),
    "full": (replace(FULL, activation="topk", l1_coefficient=0.0, k=32), FULL_EVALUATION),
}


def activations_key(config: SAEConfig) -> dict[str, object]:
    """What decides which activations a training job sees: two configs that agree in it can share them."""
    names = ("model", "layer", "corpus", "sequences", "positions", "chunk_sequences", "skip_massive", "seed")
    return {name: getattr(config, name) for name in names}
