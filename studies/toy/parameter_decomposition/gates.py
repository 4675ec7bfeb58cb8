"""The verdict: does this implementation find the mechanisms that every correct one finds?"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from studies.toy.compressed_computation.training import cpu_threads
from studies.toy.parameter_decomposition.config import Config
from studies.toy.parameter_decomposition.metrics import Match, measure
from studies.toy.parameter_decomposition.targets import make_target
from studies.toy.parameter_decomposition.training import decompose
from studies.toy.unrecorded import Unrecorded

APD_MMCS_AT_LEAST = 0.97
SPD_MMCS_AT_LEAST = 0.999
SPD_ML2R_WITHIN = (0.98, 1.02)


@dataclass(frozen=True)
class Gate:
    """One claim about a decomposition of TMS 5-2, with what was measured."""

    claim: str
    measured: str
    passed: bool


def score(config: Config, *, device: str = "cpu") -> Match:
    """Train the target and a decomposition of it from scratch, and match them."""
    with cpu_threads(config.threads):
        return measure(decompose(config, make_target(config, device=device), Unrecorded(), device=device))


def judge(config: Config, matches: Sequence[Match]) -> list[Gate]:
    """Hold the mean over seeds against the gates of the method; one seed ranks no method.

    That every mechanism has a component of its own is asked beside them: in a plane, random directions alone reach an
    MMCS of .99.
    """
    mmcs, ml2r = fmean(one.mmcs for one in matches), fmean(one.ml2r for one in matches)
    fewest = min(matches, key=lambda one: one.found)
    apart = Gate(
        f"{config.method.upper()} tells all {fewest.mechanisms} mechanisms apart at every seed",
        f"{fewest.found} at least",
        fewest.found == fewest.mechanisms,
    )
    if config.method == "apd":
        return [_at_least("APD's MMCS", mmcs, APD_MMCS_AT_LEAST), apart]
    low, high = SPD_ML2R_WITHIN
    return [
        _at_least("SPD's MMCS", mmcs, SPD_MMCS_AT_LEAST),
        Gate(f"SPD's ML2R is {low} to {high}", f"{ml2r:.4f}", low <= ml2r <= high),
        apart,
    ]


def _at_least(name: str, value: float, bound: float) -> Gate:
    return Gate(f"{name} is at least {bound}", f"{value:.4f}", value >= bound)
