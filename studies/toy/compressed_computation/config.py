"""The closed configuration of compressed computation: its toy and full settings, and the named variants."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Mess = Literal["clean", "embed", "flipped", "symmetric", "asymmetric"]
MESSES: tuple[Mess, ...] = get_args(Mess)


@dataclass(frozen=True)
class Config:
    """One model and its training.

    Attributes:
        mess: what the label adds to ReLU(x), see `labels.draw_mess`. `embed` and `flipped` differ in sign only.
        form: `reduced` trains W_in, W_out over features; `embedding` trains them inside a fixed random embedding.
        features: n, inputs and outputs.
        neurons: h, fewer than n.
        embedding_dim: d, sets the size of the `embed` and `flipped` mess (entries about 1/sqrt(d)).
        mess_scale: s, standard deviation of an entry of the `symmetric` and `asymmetric` mess.
        activity: `one` feature active per row, or `independent` features.
        active_probability: p of each feature where they are independent; ignored where one is active.
        init: `kaiming`, as the critique's code draws the weights, which takes h for the fan-in of W_in; `fan_in`,
            with variance 1 / fan-in, which starts W_in at half that size where h = n/2.
        evaluation: `sampled` as the published code evaluates, or `exact`, which needs one active feature.
        evaluation_rows: rows drawn by the sampled evaluation.
        threads: CPU threads of one operation; ignored on a GPU.
        stop_fraction: share of the steps after which training ends, on the schedule of all of them; 1 = never early.
        compile: backend of torch.compile for the training step ("inductor", "aot_eager", on a GPU "cudagraphs", which
            replays the recorded kernels of a step without launching each of them), or "" for none.
        precision: `bf16_autocast` multiplies in bfloat16 and keeps weights in float32; `bf16` keeps nothing in float32.
    """

    mess: Mess = "clean"
    form: Literal["reduced", "embedding"] = "reduced"
    features: int = 40
    neurons: int = 20
    embedding_dim: int = 400
    mess_scale: float = 0.05
    activity: Literal["one", "independent"] = "one"
    active_probability: float = 0.01
    init: Literal["kaiming", "fan_in"] = "kaiming"
    batch_rows: int = 256
    steps: int = 2000
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    evaluation: Literal["sampled", "exact"] = "sampled"
    evaluation_rows: int = 200_000
    threads: int = 1
    stop_fraction: float = 1.0
    compile: str = ""
    precision: Literal["float32", "bf16_autocast", "bf16"] = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.neurons < self.features:
            allowed = f"at least 1 and below features == {self.features}"
            raise ValueError(f"neurons == {self.neurons}, must be {allowed}")
        if not 0 < self.active_probability <= 1:
            raise ValueError(f"active_probability == {self.active_probability}, must be in (0, 1]")
        if not 0 < self.stop_fraction <= 1:
            raise ValueError(f"stop_fraction == {self.stop_fraction}, must be in (0, 1]")
        if self.form == "embedding" and self.mess != "embed":
            raise ValueError(f"form == 'embedding' has the mess 'embed' built in, not {self.mess!r}")
        if self.evaluation == "exact" and self.activity != "one":
            raise ValueError("evaluation == 'exact' holds for activity == 'one' only; use 'sampled'")

    @property
    def p(self) -> float:
        """Probability that a given feature is active."""
        return 1 / self.features if self.activity == "one" else self.active_probability


# Seconds on one CPU core: a second thread gains nothing at this size (1.3 s for 2,000 steps with either), and where
# something else runs beside it the threads wait for each other at every operation and it takes ten times as long.
# The mess keeps the spectral radius it has at full size: s grows as sqrt(100 / 40), and
# so does 1 / sqrt(d).
TOY = Config()

# Braun et al. 2025, section 3.3 and the critique's defaults.
FULL = Config(
    features=100,
    neurons=50,
    embedding_dim=1000,
    mess_scale=0.033,
    activity="independent",
    batch_rows=2048,
    steps=10_000,
    threads=2,
    evaluation_rows=1_000_000,
)

# The size at which each kind of mess helps most, relative to symmetric noise (.025 / .033 in the critique).
SCALE_FRACTION: dict[Mess, float] = dict.fromkeys(MESSES, 1.0) | {"asymmetric": 0.025 / 0.033}


def with_mess(config: Config, mess: Mess) -> Config:
    """The config with another kind of mess, its size changed to what suits that kind."""
    scale = config.mess_scale * SCALE_FRACTION[mess] / SCALE_FRACTION[config.mess]
    return replace(config, mess=mess, mess_scale=scale)
