"""Parameter decomposition as a study: its policy, its verdict, and short training towards the truth."""

import pickle
from dataclasses import replace

import pytest
import torch

from studies.driver import Evaluation, Variant, run_loops
from studies.toy.parameter_decomposition import __main__ as command
from studies.toy.parameter_decomposition.agenda import QUICK, ParameterDecomposition
from studies.toy.parameter_decomposition.config import ATTRIBUTIONS, TOY_APD, TOY_SPD, Config
from studies.toy.parameter_decomposition.gates import judge, score
from studies.toy.parameter_decomposition.metrics import Match, match_components
from studies.toy.parameter_decomposition.policy import decide, make_sweep, mismatch

SHORT = replace(QUICK, steps=25, target_steps=40, batch_rows=64, target_rows=64)


def evaluation(name: str, mmcs: float, ml2r: float, config: Config = SHORT) -> Evaluation[Config]:
    return Evaluation(Variant(name, config), {"mmcs": mmcs, "ml2r": ml2r, "found": 5.0})


def test_mismatch_counts_direction_and_size():
    """Perfect is 0; half the size costs ln 2, and so does twice the size."""
    assert mismatch(evaluation("perfect", 1.0, 1.0)) == 0
    assert mismatch(evaluation("small", 1.0, 0.5)) == pytest.approx(mismatch(evaluation("large", 1.0, 2.0)))
    assert mismatch(evaluation("oblique", 0.9, 1.0)) == pytest.approx(0.1)


def test_the_first_question_tries_every_attribution():
    """One variant each, at the same seed."""
    sweep = make_sweep(SHORT)
    assert [variant.config.attribution for variant in sweep.variants] == list(ATTRIBUTIONS)
    assert {variant.config.seed for variant in sweep.variants} == {SHORT.seed}


def test_the_best_answer_is_asked_on_and_a_small_lead_is_murky():
    """.30 against .10 is clear and .11 against .10 murky; the next question is around the chosen config."""
    sweep = make_sweep(SHORT)
    best = evaluation("ablation", 0.9, 1.0, replace(SHORT, attribution="ablation"))
    clear = decide(sweep, [evaluation("gradient", 0.7, 1.0), best])
    murky = decide(sweep, [evaluation("gradient", 0.89, 1.0), best])
    assert (clear.choice, clear.clarity, murky.clarity) == ("ablation", "clear", "murky")
    assert {variant.config.attribution for variant in clear.next_plan.variants} == {"ablation"}


def test_a_sweep_that_failed_whole_goes_on_with_what_there_was():
    """No evaluation, no choice, and the next question around the same base."""
    decision = decide(make_sweep(SHORT), [])
    assert (decision.choice, decision.clarity) == ("stay", "murky")
    assert decision.next_plan.base == SHORT


def test_the_gates_pass_the_papers_figures_and_fail_an_incomplete_decomposition():
    """APD .998; SPD 1.000 and .993; four of five features give .958 and .552."""
    assert [gate.passed for gate in judge(TOY_APD, [Match(0.998, 0.893, 5, 5)])] == [True, True]
    assert [gate.passed for gate in judge(TOY_SPD, [Match(1.0, 0.993, 5, 5)])] == [True, True, True]
    assert [gate.passed for gate in judge(TOY_APD, [Match(0.958, 0.552, 4, 5)])] == [False, False]
    assert [gate.passed for gate in judge(TOY_SPD, [Match(0.958, 0.552, 4, 5)])] == [False, False, False]


def test_random_directions_in_a_plane_pass_the_papers_gate_and_fail_ours():
    """A negative control: twenty untrained components have an MMCS above .97, and do not tell five features apart."""
    mechanisms = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    parts = torch.randn(20, 5, 2, generator=torch.Generator().manual_seed(1))
    parts[:, 1] = parts[:, 0] + 0.0  # two mechanisms that lie alike are answered by one component
    mechanisms[1] = mechanisms[0]
    match = match_components(mechanisms, parts)
    assert match.mmcs > 0.97
    assert [gate.passed for gate in judge(TOY_APD, [match])] == [True, False]


def test_loops_turn_and_a_worker_elsewhere_gets_the_same_target(home):
    """One iteration of five variants; the pickled agenda trains the identical target."""
    agenda = ParameterDecomposition(SHORT)
    (finished,) = run_loops(agenda, iterations=1)
    assert [run.failure for run in finished.runs] == [""] * 5
    assert finished.decision.choice in ATTRIBUTIONS
    again = pickle.loads(pickle.dumps(agenda))
    assert again.target.mechanisms.equal(agenda.target.mechanisms)


def test_short_training_moves_towards_the_truth():
    """Components that start small grow: four hundred steps bring their size in the mechanisms tenfold nearer."""
    early = score(replace(SHORT, steps=5, target_steps=600, target_rows=256))
    late = score(replace(SHORT, steps=400, target_steps=600, target_rows=256))
    assert late.mmcs > 0.9
    assert late.ml2r > 10 * early.ml2r


def test_the_command_prints_a_row_for_each_attribution_and_fails_with_its_gates(monkeypatch, capsys):
    """Five steps of training: two attributions of APD and SPD are three rows, and SPD's gates are not reached."""
    arguments = ["apd", "spd", "--attribution", "gradient", "--attribution", "ablation"]
    short = ["--set", "steps=5", "--set", "target_steps=5", "--set", "batch_rows=32"]
    monkeypatch.setattr("sys.argv", ["parameter_decomposition", *arguments, *short])
    assert command.main() == 1
    printed = capsys.readouterr().out
    assert [printed.count(f" {name} ") for name in ("gradient", "ablation", "causal importance")] == [1, 1, 1]
    assert "FAILS: spd, causal importance: SPD's MMCS is at least 0.999" in printed


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_apd_finds_the_features_of_tms_at_toy_size():
    """The mean of three seeds; half a minute each."""
    matches = [score(replace(TOY_APD, seed=seed)) for seed in range(3)]
    assert [gate for gate in judge(TOY_APD, matches) if not gate.passed] == []


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_spd_finds_the_features_of_tms_at_toy_size():
    """MMCS at least .999 and ML2R .98 to 1.02, all five told apart: three seeds of a minute each."""
    matches = [score(replace(TOY_SPD, seed=seed, target_seed=seed)) for seed in range(3)]
    assert [gate for gate in judge(TOY_SPD, matches) if not gate.passed] == []
