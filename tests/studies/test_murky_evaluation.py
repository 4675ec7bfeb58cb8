"""Murky evaluation: the score, its noise, and what a decision by it costs; and the careful researcher."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, mannwhitneyu, norm

from studies.driver import Decision, Evaluation, FinishedIteration, Plan, Run, Variant, run_loops
from studies.outcomes import format_outcomes, summarise
from studies.real import byte_model
from studies.real.byte_model import ByteModelConfig
from studies.real.murky_evaluation.__main__ import collect
from studies.real.murky_evaluation.agenda import MurkyEvaluation, leads
from studies.real.murky_evaluation.config import TOY
from studies.real.murky_evaluation.interpretability import auc, explain, sample_latents, score_latents
from studies.real.murky_evaluation.reversals import Reliability, assess, compare
from studies.real.text import TextAbsent
from studies.toy.compressed_computation.agenda import CompressedComputation
from studies.toy.compressed_computation.config import TOY as W1_TOY
from studies.toy.compressed_computation.training import cpu_threads

SMALL_LOOP = replace(W1_TOY, features=8, neurons=4, embedding_dim=40, steps=40, batch_rows=32, evaluation_rows=2_000)


@pytest.fixture(autouse=True)
def one_thread():
    with cpu_threads(1):
        yield


def test_auc_equals_the_mann_whitney_statistic():
    """SciPy's U over the product of the counts, with many ties."""
    generator = torch.Generator().manual_seed(0)
    score = torch.randint(5, (200,), generator=generator).float()
    positive = torch.rand(200, generator=generator) < 0.3
    u = mannwhitneyu(score[positive].numpy(), score[~positive].numpy()).statistic
    assert auc(score, positive) == pytest.approx(u / (int(positive.sum()) * int((~positive).sum())))


def test_auc_by_hand_and_without_both_kinds_there_is_none():
    """Perfect 1, reversed 0, all tied .5."""
    positive = torch.tensor([True, True, False, False])
    assert auc(torch.tensor([4.0, 3.0, 2.0, 1.0]), positive) == 1.0
    assert auc(torch.tensor([1.0, 2.0, 3.0, 4.0]), positive) == 0.0
    assert auc(torch.ones(4), positive) == 0.5
    assert auc(torch.ones(4), torch.ones(4, dtype=torch.bool)) is None


def test_an_explanation_is_the_mean_activation_on_each_token():
    """Token 1 twice at 2 and 4, token 0 once at 0: means 0, 3, and nothing for token 2."""
    explained = explain(torch.tensor([[2.0], [4.0], [0.0]]), torch.tensor([1, 1, 0]), vocabulary=3)
    assert explained[:, 0].tolist() == [0.0, 3.0, 0.0]


def test_a_latent_of_one_token_scores_one_and_a_random_one_half():
    """The first answers to token 3 alone; the second to nothing that a token tells; the third never."""
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(8, (4_000,), generator=generator)
    token_latent = (tokens == 3).float()
    random_latent = (torch.rand(4_000, generator=generator) < 0.2).float()
    latents = torch.stack([token_latent, random_latent, torch.zeros(4_000)], dim=1)
    scores = score_latents(
        latents[:2_000], tokens[:2_000], judged_latents=latents[2_000:], judged_tokens=tokens[2_000:]
    )
    assert scores.auc[0] == 1.0
    assert scores.auc[1] == pytest.approx(0.5, abs=0.06)
    assert scores.silent == 1


def test_a_sample_of_latents_has_no_repeats_and_zero_means_all():
    """200 of 1,000 different ones; another round draws others."""
    first, second = (sample_latents(1_000, 200, rng=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    assert len(set(first.tolist())) == 200
    assert set(first.tolist()) != set(second.tolist())
    assert sample_latents(5, 0, rng=torch.Generator()).tolist() == [0, 1, 2, 3, 4]


def test_reliability_by_hand():
    """Means 1 and 2: the third evaluation alone would have chosen b. Differences 2, 2, -1: mean 1, deviation sqrt 3."""
    one = assess({"a": [1.0, 1.0, 1.0], "b": [3.0, 3.0, 0.0]}, lower_is_better=True)
    assert (one.choice, one.reversed, one.repeats) == ("a", 1, 3)
    assert (one.gap, one.noise) == (pytest.approx(1.0), pytest.approx(math.sqrt(3)))
    assert one.reversal_probability == pytest.approx(norm.cdf(-1 / math.sqrt(3)))
    assert assess({"a": [1.0, 1.0, 1.0], "b": [3.0, 3.0, 0.0]}, lower_is_better=False).choice == "b"


def test_as_many_evaluations_as_are_said_to_be_needed_are_needed():
    """By simulation: that many averaged reverse in at most 5 %, half as many in more."""
    generator = torch.Generator().manual_seed(2)
    drawn = torch.randn(2, 200, generator=generator) + torch.tensor([[0.0], [0.5]])
    needed = assess({"a": drawn[0].tolist(), "b": drawn[1].tolist()}, lower_is_better=True).evaluations_for(0.05)

    def reversed_fraction(count):
        means = torch.randn(20_000, 2, count, generator=generator).mean(2) + torch.tensor([0.0, 0.5])
        return float((means[:, 0] > means[:, 1]).float().mean())

    assert reversed_fraction(needed) < 0.08
    assert reversed_fraction(max(1, needed // 4)) > 0.1


def test_a_comparison_counts_murky_evaluations_for_each_concrete_one():
    """Ten times the noise at the same gap: a hundred times the evaluations, up to rounding."""
    concrete = assess({"a": [0.0, 0.2], "b": [1.0, 0.8]}, lower_is_better=True)
    murky = assess({"a": [0.0, 3.0], "b": [1.0, 3.6]}, lower_is_better=True)
    both = compare(concrete, murky)
    assert both.murky_evaluations >= both.concrete_evaluations >= 1
    assert both.price == both.murky_evaluations / both.concrete_evaluations


@pytest.mark.parametrize("reversals", [0, 2, 10])
def test_the_interval_of_a_reversal_rate_is_wilsons(reversals):
    """As SciPy has it; none of ten is not 0 to 0."""
    one = assess({"a": [1.0] * 10, "b": [2.0] * (10 - reversals) + [0.0] * reversals}, lower_is_better=True)
    counted = one if one.choice == "a" else replace(one, reversed=reversals)
    expected = binomtest(counted.reversed, 10).proportion_ci(0.95, method="wilson")
    assert counted.reversed_interval() == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert counted.reversed_interval()[1] > 0.2


def test_the_interval_of_the_price_covers_the_true_price():
    """Normal differences of mean 1: deviation .5 needs one evaluation, deviation 2 (1.645 x 2)^2, so 11."""
    rng = np.random.default_rng(0)
    covered, widths = 0, []
    for _ in range(60):
        concrete, murky = (
            Reliability("a", "b", 0, tuple(rng.normal(1.0, deviation, 40).tolist())) for deviation in (0.5, 2.0)
        )
        low, high = compare(concrete, murky).price_interval(rng=rng, draws=200)
        covered += low <= 11 <= high
        widths.append(high / low)
    assert covered >= 50
    assert max(widths) > 1.5


def test_a_choice_that_may_be_none_has_no_upper_end_of_its_price():
    """The murky lead changes sign in resamples: as many evaluations as one likes might be needed."""
    concrete = Reliability("a", "b", 0, (1.0, 1.1, 0.9))
    murky = Reliability("a", "b", 2, (3.0, -2.0, -0.5, 0.6))
    assert compare(concrete, murky).price_interval(rng=np.random.default_rng(0))[1] == math.inf


@pytest.mark.parametrize("values", [{"a": [1.0, 2.0]}, {"a": [1.0], "b": [2.0]}])
def test_too_little_to_compare_is_refused(values):
    """Two variants and two evaluations at least."""
    with pytest.raises(ValueError, match="at least two"):
        assess(values, lower_is_better=True)


def test_equal_variants_are_told_apart_by_no_number_of_evaluations():
    """Undefined, not infinity."""
    with pytest.raises(ValueError, match="gap == 0"):
        assess({"a": [1.0, 2.0], "b": [1.0, 2.0]}, lower_is_better=True).evaluations_for(0.05)


def test_a_lead_of_two_standard_errors_is_clear():
    """.1 against a noise of .03 x sqrt 2; .05 is not."""

    def one(value):
        return Evaluation(Variant(str(value), TOY.sae), {"interpretability": value, "standard_error": 0.03})

    assert leads([one(0.8), one(0.7)])
    assert not leads([one(0.8), one(0.75)])


def test_the_toy_loop_is_decided_by_a_sample_and_repeated_on_another(home, monkeypatch, tmp_path):
    """Two rounds of one evaluation differ, because other latents are drawn; the decision names its interval."""
    monkeypatch.setenv("STUDIES_CACHE", str(tmp_path))
    monkeypatch.setattr(byte_model, "ByteModelConfig", lambda: ByteModelConfig(d_model=32, heads=2, steps=60))
    sae = replace(TOY.sae, d_model=32, sequences=64, chunk_sequences=64, batch_tokens=256)
    agenda = MurkyEvaluation(replace(TOY, sae=sae, latents=20, sequences=8))
    try:
        (finished,) = run_loops(agenda, iterations=1, confirm=True)
    except TextAbsent as absent:
        pytest.skip(str(absent))
    rounds = collect(agenda, finished.runs, "interpretability", 2)
    assert all(first != second for first, second in rounds.values())
    assert 2 <= len(finished.decisions) <= 3
    assert "±" in finished.decision.because


def decision(choice: str, clarity: str = "clear") -> Decision:
    return Decision(choice, ("a", "b"), "because", clarity, None)


class Wavering(CompressedComputation):
    """Decides as it is told in each round."""

    def __init__(self, *choices: str) -> None:
        super().__init__(SMALL_LOOP)
        self.choices = choices

    def decide(self, plan, evaluations):
        return decision(self.choices[self.evaluation_round])


@pytest.mark.parametrize(
    ("choices", "points", "reversals", "stands"),
    [(("a", "a"), 2, 0, "a"), (("a", "b", "b"), 3, 1, "b"), (("a", "b", "a"), 3, 2, "a")],
)
def test_the_careful_researcher_evaluates_a_third_time_only_where_two_disagree(choices, points, reversals, stands):
    """The last decision stands, and each evaluation is a decision point."""
    (finished,) = run_loops(Wavering(*choices), iterations=1, confirm=True)
    assert (len(finished.decisions), finished.reversals, finished.decision.choice) == (points, reversals, stands)


def test_repeating_a_concrete_evaluation_draws_other_rows():
    """L/p sampled twice differs within its standard error; the exact one would not differ at all."""
    agenda = CompressedComputation(SMALL_LOOP)
    first = next(iter(run_loops(agenda, iterations=1)))
    again = collect(agenda, first.runs, "loss_over_p", 2)
    assert all(0 < abs(one - other) / one < 0.5 for one, other in again.values())


def test_outcomes_count_decision_points_and_reversals():
    """Two iterations: one settled at once, one turned round on repeating."""
    plan = Plan("idea", ())
    settled = FinishedIteration(plan, (Run(Variant("x", None)),), (), decision("a"), (decision("a"), decision("a")))
    turned = FinishedIteration(
        plan, (), (), decision("b"), (decision("a", "murky"), decision("b", "murky"), decision("b"))
    )
    outcomes = summarise([settled, turned])
    assert (outcomes.decision_points, outcomes.murky, outcomes.reversals, outcomes.turned) == (5, 2, 1, 1)
    assert "5 decision points (2 murky), 1 reversed" in format_outcomes(outcomes)
