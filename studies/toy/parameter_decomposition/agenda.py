"""Parameter decomposition as an agenda: how the loop driver builds, trains and evaluates its variants."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch

from studies.driver import Decision, Evaluation, OpenJob, Plan, Run, Variant
from studies.toy.compressed_computation.training import cpu_threads
from studies.toy.parameter_decomposition.components import Components
from studies.toy.parameter_decomposition.config import FULL_APD, TOY_APD, Config
from studies.toy.parameter_decomposition.metrics import Match, measure
from studies.toy.parameter_decomposition.policy import Sweep, decide, make_sweep
from studies.toy.parameter_decomposition.targets import Target, make_target
from studies.toy.parameter_decomposition.training import decompose

QUICK = replace(TOY_APD, steps=600, batch_rows=512, target_steps=1000)


class ParameterDecomposition:
    """The agenda of `driver.run_loops` for this workload. The target is trained once, when the agenda is made."""

    study = "parameter-decomposition"
    regime = "toy"

    def __init__(self, base: Config, *, device: str = "cpu") -> None:
        self.base, self.device = base, device
        with cpu_threads(base.threads):
            self.target: Target = make_target(base, device=device)

    def __reduce__(self) -> tuple[object, ...]:
        """A worker elsewhere trains the same target from its seed: a target's functions do not travel."""
        return partial(ParameterDecomposition, device=self.device), (self.base,)

    def first_plan(self) -> Sweep:
        return make_sweep(self.base)

    def build(self, variant: Variant[Config]) -> Config:
        """Construct the components once and see that all of them together run the network."""
        components = Components(variant.config, self.target)
        inputs = self.target.draw_inputs(4, torch.Generator(self.device).manual_seed(0))
        with torch.no_grad():
            mask = torch.ones(4, variant.config.components, device=self.device)
            outputs = components.masked_outputs(inputs, mask)
        if outputs.shape != self.target.outputs(inputs).shape or not outputs.isfinite().all():
            raise ValueError(f"{variant.name}: the components do not run the target's network")
        return variant.config

    def train(self, variant: Variant[Config], built: Config, job: OpenJob) -> Match:
        """Train and match: what a job hands back is the match, not the components, so that it can travel."""
        with cpu_threads(built.threads):
            components = decompose(built, self.target, job, device=self.device)
            return measure(components)

    def evaluate(self, runs: Sequence[Run[Config, Match]]) -> list[Evaluation[Config]]:
        return [Evaluation(run.variant, _metrics(run.trained)) for run in runs if run.trained is not None]

    def decide(self, plan: Plan[Config], evaluations: Sequence[Evaluation[Config]]) -> Decision[Config]:
        assert isinstance(plan, Sweep), "this agenda's plans are sweeps"
        return decide(plan, evaluations)


def _metrics(match: Match) -> dict[str, float]:
    return {"mmcs": match.mmcs, "ml2r": match.ml2r, "found": float(match.found)}


def make_agenda(*, seed: int, quick: bool, device: str) -> ParameterDecomposition:
    """The registry's entry: a short training on TMS 5-2 when quick, else the published one."""
    return ParameterDecomposition(replace(QUICK if quick else FULL_APD, seed=seed), device=device)
