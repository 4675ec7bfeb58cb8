"""The pairs of a workload and a tooling change that the table holds. A new pair is one line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Part = Literal["job:train", "phase:evaluate", "phase:decide"]

# Counts up when a pair's loops, pilot or model changes: figures of one version are made alike. Earlier ones are in LOG.
TABLE_VERSION = 3


@dataclass(frozen=True)
class Pair:
    """One row of the table.

    Attributes:
        workload: a name of `studies.changes.workloads`, at size `table`.
        change: a module of `studies.changes`.
        parts: what of the loop the change touches; each is piloted alone, and all are replayed together.
        width: of a change that runs jobs side by side, how many; 1 for all others.
        expected_seconds: roughly what the pair takes on two cores; weighs the progress bar only.
        history_loops: baseline loops before the forecast.
        pilot_runs: of each part, without the change and with it by turns, between the first of those loops.
        loops_per_arm: that are measured; even, because arms come in blocks of four.
        seed: of the first loop; every loop has seeds of its own, the same in both arms.
    """

    workload: str
    change: str
    parts: tuple[Part, ...] = ("job:train",)
    width: int = 1
    expected_seconds: float = 80.0
    history_loops: int = 10
    pilot_runs: int = 8
    loops_per_arm: int = 12
    seed: int = 1_000

    def __post_init__(self) -> None:
        if self.loops_per_arm % 2 or self.loops_per_arm < 6:
            raise ValueError(f"loops_per_arm == {self.loops_per_arm}, must be even and at least 6")
        if not 5 <= self.history_loops >= self.pilot_runs >= 2:
            raise ValueError(
                f"history_loops == {self.history_loops}, must be at least 5 and at least pilot_runs == "
                f"{self.pilot_runs}, which must be at least 2"
            )

    @property
    def name(self) -> str:
        """Of the row, of its study and of its tool in the ledger."""
        return f"{self.change}.{self.workload}"

    @property
    def is_control(self) -> bool:
        """Nothing is changed: what such pairs err by is the noise floor."""
        return self.change == "no_change"


SIDE_BY_SIDE = 2
EVALUATE: tuple[Part, ...] = ("phase:evaluate",)
DECIDE: tuple[Part, ...] = ("phase:decide",)
BOTH: tuple[Part, ...] = ("job:train", "phase:evaluate")  # what is not trained, or kept on disk, is not evaluated anew
_TOY, _WIDE, _APD = "compressed-computation", "compressed-computation-wide", "parameter-decomposition"
# Loops of several seconds: fewer of them.
_LONG = {"history_loops": 6, "pilot_runs": 4, "loops_per_arm": 8, "expected_seconds": 150.0}


def _long(pair: Pair) -> Pair:
    return replace(pair, **_LONG)  # type: ignore[arg-type]


_ALL: tuple[Pair, ...] = (
    Pair(_TOY, "no_change"),
    Pair(_TOY, "side_by_side"),
    Pair(_TOY, "exact_evaluation", EVALUATE),
    Pair(_TOY, "parallel_processes", width=SIDE_BY_SIDE),
    Pair(_TOY, "bf16_autocast"),
    Pair(_TOY, "bf16_everywhere"),
    Pair(_TOY, "early_stopping"),
    Pair(_TOY, "successive_halving", BOTH),
    Pair(_TOY, "automatic_report", DECIDE),
    Pair(_WIDE, "no_change"),
    Pair(_WIDE, "side_by_side"),
    Pair(_WIDE, "exact_evaluation", EVALUATE),
    Pair(_WIDE, "parallel_processes", width=SIDE_BY_SIDE),
    Pair(_WIDE, "bf16_autocast"),
    Pair(_WIDE, "bf16_everywhere"),
    Pair(_WIDE, "early_stopping"),
    Pair(_WIDE, "successive_halving", BOTH),
    Pair(_APD, "no_change"),
    Pair(_APD, "batched_attributions"),
    Pair(_APD, "parallel_processes", width=SIDE_BY_SIDE),
    Pair(_APD, "automatic_report", DECIDE),
    Pair("sae-bytes", "no_change"),
    Pair("sae-bytes", "activation_cache", BOTH),
    Pair("sae-bytes", "bf16_autocast"),
    Pair("sae-bytes", "torch_compile"),
    Pair("sae-e2e", "activation_cache"),
    Pair("murky-evaluation", "sampled_latents", EVALUATE),
    Pair("lora", "no_change"),
    Pair("lora", "parallel_processes", width=SIDE_BY_SIDE),
    Pair("sae-minilm", "no_change"),
    Pair("sae-minilm", "activation_cache", BOTH),
    Pair("sae-minilm", "parallel_processes", width=SIDE_BY_SIDE),
    _long(Pair("sae-local", "no_change")),
    _long(Pair("sae-local", "activation_cache", BOTH)),
    _long(Pair("sae-local", "parallel_processes", width=SIDE_BY_SIDE)),
    Pair(_APD, "parallel_ray", width=SIDE_BY_SIDE),
    _long(Pair("sae-minilm", "parallel_slurm", width=SIDE_BY_SIDE)),
)

PAIRS: Mapping[str, Pair] = {pair.name: pair for pair in _ALL}
