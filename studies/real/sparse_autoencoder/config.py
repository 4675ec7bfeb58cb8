"""What one sparse autoencoder is made and trained from, and the two settings: `quick` on a CPU, `full` on a GPU."""

from dataclasses import dataclass
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
    """

    model: Literal["smollm2", "gpt2"]
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

    def __post_init__(self) -> None:
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
