"""The closed configuration of a decision by interpretability, and its toy, quick and full settings."""

from dataclasses import dataclass, replace

from studies.real.sparse_autoencoder.config import FULL, QUICK, TOY_BYTES, SAEConfig


@dataclass(frozen=True)
class MurkyConfig:
    """How dictionaries are judged.

    Attributes:
        sae: the setting around which is varied.
        latents: random latents that one evaluation scores; 0 for all of them.
        sequences: of held-out text, half to explain and half to judge.
        seed: of the text; the sample of latents changes with every evaluation.
    """

    sae: SAEConfig
    latents: int = 200
    sequences: int = 64
    seed: int = 2_000

    def __post_init__(self) -> None:
        if self.sequences < 2:
            raise ValueError(f"sequences == {self.sequences}, must be at least 2: one half explains, one judges")
        if self.latents < 0:
            raise ValueError(f"latents == {self.latents}, must be at least 0 (all of them)")


TOY = MurkyConfig(TOY_BYTES, latents=50)
QUICK_MURKY = MurkyConfig(replace(QUICK, activation="topk", l1_coefficient=0.0, k=32), sequences=32)
FULL_MURKY = MurkyConfig(replace(FULL, activation="topk", l1_coefficient=0.0, k=32), sequences=500)
