"""The policy of compressed computation follows its metrics from sweep to sweep."""

from dataclasses import replace

import pytest

from studies.driver import Evaluation, run_loops
from studies.toy.compressed_computation.agenda import CompressedComputation
from studies.toy.compressed_computation.axes import AXES
from studies.toy.compressed_computation.config import MESSES, TOY, with_mess
from studies.toy.compressed_computation.policy import NO_CHOICE, decide, make_sweep
from tracker.testing import recording

LABEL, MESS_SIZE, LEARNING_RATE, INIT, STEPS, NEURONS, SPARSITY, SEED = range(8)


def evaluations_of(sweep, ratio):
    """Evaluations of a whole sweep with made-up ratios, as a function of the config."""
    return [Evaluation(variant, {"naive_ratio": ratio(variant.config)}) for variant in sweep.variants]


def test_every_axis_of_the_workload_can_be_swept():
    """Each value at each of the axis's seeds, under a name of its own."""
    for place, axis in enumerate(AXES):
        sweep = make_sweep(with_mess(TOY, "flipped"), axis=place, first_seed=10)
        assert len({variant.name for variant in sweep.variants}) == len(sweep.variants)
        assert {variant.config.seed for variant in sweep.variants} == set(range(10, 10 + axis.seeds))
        assert len(sweep.variants) == axis.seeds * len(axis.values(sweep.base)) >= 4


def test_the_lowest_ratio_is_chosen_and_the_next_axis_swept_around_it():
    """Flipped is best at both seeds: a clear decision, then the size of its mess, at seeds not used before."""
    sweep = make_sweep(TOY, axis=LABEL, first_seed=10)
    decision = decide(sweep, evaluations_of(sweep, lambda config: 0.7 if config.mess == "flipped" else 0.9))
    assert (decision.choice, decision.clarity, decision.options) == ("flipped", "clear", MESSES)
    assert (decision.next_plan.axis, decision.next_plan.base.mess) == (MESS_SIZE, "flipped")
    assert list(decision.next_plan.seeds) == [12, 13]


def test_seeds_that_disagree_make_the_decision_murky():
    """Seed 10 alone would choose flipped, seed 11 symmetric; the mean (0.75 < 0.8) is for symmetric."""
    ratios = {("flipped", 10): 0.7, ("flipped", 11): 0.9, ("symmetric", 10): 0.8, ("symmetric", 11): 0.7}
    sweep = make_sweep(TOY, axis=LABEL, first_seed=10)
    decision = decide(sweep, evaluations_of(sweep, lambda one: ratios.get((one.mess, one.seed), 1.0)))
    assert (decision.choice, decision.clarity) == ("symmetric", "murky")


def test_a_best_value_at_the_end_of_its_axis_widens_it_once():
    """The highest learning rate wins: the axis is swept around it, and then the next axis whatever comes."""
    sweep = make_sweep(TOY, axis=LEARNING_RATE, first_seed=0)
    wider = decide(sweep, evaluations_of(sweep, lambda config: -config.learning_rate)).next_plan
    assert (wider.axis, wider.widened) == (LEARNING_RATE, True)
    rates = sorted({variant.config.learning_rate for variant in wider.variants})
    assert rates == pytest.approx([0.003, 0.009, 0.027])
    assert decide(wider, evaluations_of(wider, lambda config: -config.learning_rate)).next_plan.axis == INIT


def test_shorter_training_is_chosen_when_as_good():
    """Half the steps within 1 % of the best: taken. A quarter, 5 % worse: not."""
    ratio = {500: 0.735, 1000: 0.705, 2000: 0.700}
    sweep = make_sweep(TOY, axis=STEPS, first_seed=0)
    decision = decide(sweep, evaluations_of(sweep, lambda config: ratio[config.steps]))
    assert decision.choice == "steps=1000"


def test_a_value_that_failed_at_one_seed_is_not_compared():
    """Flipped would win, but one of its two models is missing."""
    sweep = make_sweep(TOY, axis=LABEL, first_seed=0)
    evaluations = evaluations_of(sweep, lambda config: {"flipped": 0.5, "embed": 0.7}.get(config.mess, 0.9))
    evaluations = [one for one in evaluations if (one.variant.config.mess, one.variant.config.seed) != ("flipped", 1)]
    assert decide(sweep, evaluations).choice == "embed"


def test_a_sweep_in_which_nothing_finished_keeps_the_setting_and_goes_on():
    """No number decides, so the decision is murky and the base stays."""
    sweep = make_sweep(TOY, axis=NEURONS, first_seed=0)
    decision = decide(sweep, [])
    assert (decision.choice, decision.clarity) == (NO_CHOICE, "murky")
    assert (decision.next_plan.axis, decision.next_plan.base) == (SPARSITY, TOY)


def test_the_scale_of_the_mess_follows_its_kind_there_and_back():
    """Asymmetric noise is smaller; coming back to symmetric restores the scale."""
    asymmetric = with_mess(TOY, "asymmetric")
    assert asymmetric.mess_scale == pytest.approx(0.05 * 25 / 33)
    assert with_mess(asymmetric, "symmetric").mess_scale == pytest.approx(TOY.mess_scale)


def test_five_iterations_chain_and_each_records_its_seeds():
    """Really trained, if briefly: no config is trained twice, and every job finished."""
    base = replace(TOY, features=8, neurons=4, steps=20, batch_rows=16, evaluation_rows=1000, seed=100)
    with recording() as recorded:
        finished = list(run_loops(CompressedComputation(base), iterations=5))
    jobs = [span for one in recorded.iterations() for span in one.spans if span.kind == "job"]
    configs = [tuple(job.fields["config"].items()) for job in jobs]
    assert len(finished) == 5
    assert {job.status for job in jobs} == {"finished"}
    assert len(set(configs)) == len(configs) == sum(len(one.plan.variants) for one in finished)
    assert min(job.fields["config"]["seed"] for job in jobs) == 100


def test_a_diverged_training_fails_its_job_alone():
    """A learning rate of 1e30 overflows; the loop goes on with the rest of the sweep."""
    base = replace(TOY, features=8, neurons=4, steps=20, batch_rows=16, evaluation_rows=100)
    agenda = CompressedComputation(replace(base, learning_rate=1e30))
    with recording() as recorded:
        (finished,) = run_loops(agenda, iterations=1)
    assert {span.status for span in recorded.iterations()[0].spans if span.kind == "job"} == {"failed"}
    assert finished.decision.choice == NO_CHOICE
    assert "diverged" in finished.runs[0].failure


def test_exact_evaluation_needs_no_samples_and_agrees():
    """The same model, evaluated both ways, within the sampled one's error."""
    base = replace(TOY, features=8, neurons=4, steps=20, batch_rows=16)
    losses = []
    for evaluation in ("sampled", "exact"):
        (finished,) = run_loops(CompressedComputation(replace(base, evaluation=evaluation)), iterations=1)
        losses.append([one.metrics["loss_over_p"] for one in finished.evaluations])
    errors = [abs(sampled - exact) / exact for sampled, exact in zip(*losses, strict=True)]
    assert max(errors) < 0.02
    assert min(errors) > 0
