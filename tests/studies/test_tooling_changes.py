"""Tooling changes: what is admitted, what is refused and why, and that either is recorded."""

from dataclasses import replace

import pytest
import torch

from studies.changes.automatic_report import format_report
from studies.changes.catalogue import CHANGES, load_change
from studies.changes.change import Change, Tolerance
from studies.changes.equivalence import Observed, admit, check, compare
from studies.driver import Decision, Evaluation, Plan, Variant
from studies.toy.compressed_computation.config import TOY, with_mess
from studies.toy.compressed_computation.labels import make_task
from studies.toy.compressed_computation.model import make_model
from studies.toy.compressed_computation.side_by_side import train_side_by_side
from studies.toy.compressed_computation.training import cpu_threads, train
from studies.toy.unrecorded import Unrecorded
from tracker.testing import recording

TOY_LOOP = "compressed-computation"
TINY = replace(TOY, features=8, neurons=4, embedding_dim=40, steps=60, batch_rows=32)
STRICT = Change("strict", "claim", ("job",), ("any",), Tolerance({"loss": 0.1}))


@pytest.fixture(autouse=True)
def one_thread():
    with cpu_threads(1):
        yield


def observed(choice: str = "a", **losses: float) -> Observed:
    return Observed({name: {"loss": loss} for name, loss in losses.items()}, {}, choice)


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_says_what_it_claims_and_has_both_arms(name):
    """Its name is its module's, and each workload that it names exists."""
    from studies.changes.workloads import WORKLOADS

    module = load_change(name)
    assert module.CHANGE.name == name
    assert module.CHANGE.claim.endswith(".")
    assert set(module.CHANGE.workloads) <= set(WORKLOADS)
    assert callable(module.baseline)
    assert callable(module.changed)


def test_a_change_within_its_tolerance_is_admitted_and_one_beyond_is_refused():
    """By hand: 1.0 to 1.05 is 5 %, 2.0 to 2.4 is 20 %; the largest counts."""
    assert compare(STRICT, "any", observed(x=1.0), observed(x=1.05)).admitted
    verdict = compare(STRICT, "any", observed(x=1.0, y=2.0), observed(x=1.05, y=2.4))
    assert verdict.differences["loss"] == pytest.approx(0.2)
    assert verdict.reasons == ("loss differs by 20.00%, allowed are 10.00%",)


def test_a_change_that_turns_the_decision_round_is_refused():
    """The same losses to a digit do not help."""
    verdict = compare(STRICT, "any", observed("a", x=1.0), observed("b", x=1.0))
    assert not verdict.admitted
    assert "'b' where the baseline decides 'a'" in verdict.reasons[0]


def test_a_change_that_turns_the_order_round_is_refused_where_the_order_counts():
    """Means over seeds: b (1, 3) lies behind a (1, 2) before, and ahead of it after."""

    def runs(*losses):
        names = ("a seed=0", "a seed=1", "b seed=0", "b seed=1")
        return Observed({name: {"loss": loss} for name, loss in zip(names, losses, strict=True)}, {}, "a")

    ordered = replace(STRICT, tolerance=Tolerance(same_order="loss"))
    assert compare(ordered, "any", runs(1, 2, 1, 3), runs(10, 20, 11, 29)).admitted
    verdict = compare(ordered, "any", runs(1, 2, 1, 3), runs(10, 20, 11, 18))
    assert verdict.reasons == ("the order by loss is b < a where the baseline has a < b",)


def test_a_loss_that_is_no_number_is_a_difference():
    """NaN compares with nothing, so it may not slip through as agreement."""
    assert not compare(STRICT, "any", observed(x=1.0), observed(x=float("nan"))).admitted


def test_variants_that_are_gone_are_a_reason_unless_the_change_is_to_drop_them():
    """Two are measured before and one after."""
    before, after = observed(x=1.0, y=1.0), observed(x=1.0)
    assert "1 variants are no longer measured" in compare(STRICT, "any", before, after).reasons[0]
    dropping = replace(STRICT, tolerance=Tolerance({"loss": 0.1}, may_drop=True))
    assert compare(dropping, "any", before, after).admitted


@pytest.mark.parametrize("name", ["exact_evaluation", "side_by_side", "bf16_autocast", "automatic_report"])
def test_these_changes_leave_the_results_of_the_toy_loop_as_they_were(name):
    """One iteration of each arm at test size: the same decision, every loss within the tolerance."""
    verdict = check(load_change(name), TOY_LOOP, size="test")
    assert verdict.reasons == ()


def test_bf16_everywhere_is_refused_and_the_refusal_is_recorded():
    """Weights that move by less than a bfloat16 can hold do not move; the record says refuse, and by how much."""
    with recording() as recorded:
        verdict = admit(load_change("bf16_everywhere"), TOY_LOOP, size="test")
    assert not verdict.admitted
    assert verdict.differences["loss_over_p"] > 0.03
    (iteration,) = [one for one in recorded.iterations() if one.study == "tooling-changes"]
    (decision,) = [span for span in iteration.spans if span.kind == "decision"]
    assert decision.fields["choice"] == "refuse"
    assert "loss_over_p differs by" in decision.fields["reason"]


def test_exact_evaluation_is_refused_where_features_are_independent():
    """There the 2n rows are not the loss, and the workload says so."""
    verdict = check(load_change("exact_evaluation"), f"{TOY_LOOP}-independent", size="test")
    assert not verdict.admitted
    assert "one" in verdict.reasons[0]


def test_a_change_is_not_checked_on_a_workload_that_it_is_not_for():
    """The error names those that it is for."""
    with pytest.raises(ValueError, match="parameter-decomposition"):
        check(load_change("batched_attributions"), TOY_LOOP, size="test")


def test_batched_attributions_decompose_alike():
    """The same training but for the order of sums."""
    assert check(load_change("batched_attributions"), "parameter-decomposition", size="test").reasons == ()


def test_models_side_by_side_with_their_own_rows_are_the_models_alone():
    """Five labels trained as one agree with five trainings to the rounding of a batched product."""
    configs = [with_mess(TINY, mess) for mess in ("clean", "embed", "flipped", "symmetric", "asymmetric")]
    pairs = [(task, make_model(task)) for task in map(make_task, configs)]
    together = train_side_by_side(pairs, Unrecorded(), own_draws=True)
    for config, (_, model) in zip(configs, together, strict=True):
        task = make_task(config)
        _, alone = train(task, make_model(task), Unrecorded())
        torch.testing.assert_close(model.w_in, alone.w_in, atol=1e-4, rtol=1e-3)


def test_a_compiled_step_trains_the_same_model():
    """Traced, not generated: the code generator's 20 s are for the exhaustive test."""
    config = replace(TINY, steps=20)
    models = []
    for backend in ("", "aot_eager"):
        task = make_task(replace(config, compile=backend))
        models.append(train(task, make_model(task), Unrecorded())[1])
    torch.testing.assert_close(models[0].w_in, models[1].w_in)


def test_training_stops_where_the_config_says_on_the_schedule_of_all_steps():
    """A quarter of 60 steps is the model after 15 of them, which is not a training of 15 steps."""
    seen: list[int] = []

    def count(step, task, model):
        seen.append(step)
        return True

    task = make_task(replace(TINY, stop_fraction=0.25))
    stopped = train(task, make_model(task), Unrecorded(), keep_going=count)[1]
    short = train(make_task(replace(TINY, steps=15)), make_model(task), Unrecorded())[1]
    assert seen == list(range(1, 16))
    assert not torch.allclose(stopped.w_in, short.w_in)


def test_halving_stops_those_that_lie_behind_and_says_at_which_step():
    """Of ten variants some are stopped at a rung, and at least one trains to its end."""
    module = load_change("successive_halving")
    setup = module.changed(TOY_LOOP, size="test", seed=0, device="cpu")
    from studies.driver import run_iteration

    finished = run_iteration(setup.agenda, setup.agenda.first_plan(), sweep=setup.sweep)
    stopped = [run for run in finished.runs if run.failure]
    assert 0 < len(stopped) < len(finished.runs)
    assert all("stopped at step" in run.failure for run in stopped)
    assert setup.agenda.keep_going is None


def test_a_report_says_the_verdict_first_and_what_was_not_measured():
    """Every figure is in it."""
    plan = Plan("labels", (Variant("x", TINY), Variant("y", TINY)))
    decision = Decision("x", ("x", "y"), "it is lower", "clear", None)
    text = format_report(plan, [Evaluation(plan.variants[0], {"loss": 0.0512})], decision)
    assert text.splitlines()[2] == "**x** (clear): it is lower"
    assert "Not measured: y." in text
    assert "| x | 0.0512 |" in text


def test_a_saved_reading_is_labelled_assumed():
    """No computation shows a person's time."""
    assumed = load_change("automatic_report").CHANGE.assumed
    assert assumed.source == "assumed"
    assert assumed.changed_seconds[1] <= assumed.baseline_seconds[0]
    assert all(load_change(name).CHANGE.assumed is None for name in CHANGES if name != "automatic_report")


@pytest.mark.exhaustive
def test_parallel_jobs_give_the_digits_of_one_after_another():
    """In processes of this machine, through submitit's local executor, and on a local Ray."""
    for name in ("parallel_processes", "parallel_slurm", "parallel_ray"):
        assert check(load_change(name), TOY_LOOP, size="test").reasons == ()


@pytest.mark.exhaustive
def test_generated_code_trains_the_same_model():
    """torch.compile with its code generator, at toy size."""
    assert check(load_change("torch_compile"), TOY_LOOP, size="quick").reasons == ()
