"""Compressed computation: losses by hand, bounds by another route, and the published effect at toy size."""

from dataclasses import replace

import pytest
import torch

from studies.toy.compressed_computation.config import FULL, TOY, Config, with_mess
from studies.toy.compressed_computation.gates import judge, score_variant, score_variants
from studies.toy.compressed_computation.labels import Task, make_task
from studies.toy.compressed_computation.loss import (
    exact_loss_over_p,
    naive_loss_over_p,
    sampled_loss_over_p,
    svd_bound_over_p,
)
from studies.toy.compressed_computation.model import Mlp, make_model
from studies.toy.compressed_computation.training import make_loss, train
from studies.toy.unrecorded import Unrecorded

TINY = Config(features=2, neurons=1, embedding_dim=8)
SIX = Config(features=6, neurons=3, embedding_dim=60, mess_scale=0.1)


def zero(inputs: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(inputs)


def naive(inputs: torch.Tensor) -> torch.Tensor:
    """The first h = n/2 ReLUs exact, the rest 0."""
    half = inputs.shape[1] // 2
    return torch.cat([inputs[:, :half].relu(), torch.zeros_like(inputs[:, half:])], dim=1)


def test_labels_add_the_mess_to_the_relu():
    """By hand: x = (1, -2), M = [[0, 3], [5, 0]] gives ReLU(x) + Mx = (1, 0) + (-6, 5)."""
    task = Task(TINY, torch.tensor([[0.0, 3.0], [5.0, 0.0]]), None)
    assert task.labels(torch.tensor([[1.0, -2.0]])).tolist() == [[-5.0, 5.0]]


def test_exact_loss_of_a_model_that_answers_zero_by_hand():
    """The labels of e_1, e_2, -e_1, -e_2 are (1, 5), (3, 1), (0, -5), (-3, 0): squares 26 + 10 + 25 + 9 over 6n."""
    task = Task(TINY, torch.tensor([[0.0, 3.0], [5.0, 0.0]]), None)
    assert exact_loss_over_p(zero, task) == pytest.approx((26 + 10 + 25 + 9) / 12)


@pytest.mark.parametrize("precision", ["float32", "bf16_autocast"])
def test_training_loss_by_hand(precision):
    """One neuron reads x_1 and writes (2, 3): (1, -2) gives (2, 3) against (1, 5), (1 + 4) / 2; in bfloat16 too."""
    config = replace(TINY, precision=precision)
    model = make_model(make_task(config))
    with torch.no_grad():
        model.w_in.copy_(torch.tensor([[1.0], [0.0]]))
        model.w_out.copy_(torch.tensor([[2.0, 3.0]]))
    loss = make_loss(config, model, "cpu")(torch.tensor([[1.0, -2.0]]), torch.tensor([[1.0, 5.0]]))
    assert loss.item() == pytest.approx((1 + 4) / 2)


def test_cuda_graphs_are_refused_without_a_cuda_device():
    """torch would leave them out without a word, and a record would call the run what it was not."""
    task = make_task(replace(SIX, compile="cudagraphs", steps=2))
    with pytest.raises(ValueError, match="CUDA graphs need a CUDA device"):
        train(task, make_model(task), Unrecorded())


def test_exact_loss_of_the_naive_solution_is_one_twelfth():
    """Half of the ReLUs right and no mess: 1/12, whatever n."""
    for features in (2, 10, 40):
        task = make_task(replace(TOY, features=features, neurons=features // 2))
        assert exact_loss_over_p(naive, task) == pytest.approx(1 / 12)
        assert naive_loss_over_p(features, features // 2) == pytest.approx(1 / 12)


@pytest.mark.parametrize("mess", ["clean", "embed", "flipped", "symmetric", "asymmetric"])
def test_sampled_loss_agrees_with_the_exact_one(mess):
    """200,000 sampled rows lie within four of their own standard errors of the loss from 2n rows."""
    task = make_task(with_mess(SIX, mess))
    model = make_model(task)
    sampled = sampled_loss_over_p(model, task, rows=200_000)
    assert abs(sampled.loss_over_p - exact_loss_over_p(model, task)) < 4 * sampled.standard_error
    assert sampled.standard_error < 0.01 * sampled.loss_over_p


def test_exact_loss_refuses_independent_features():
    """With several features active at once the 2n rows do not tell the loss."""
    task = make_task(replace(SIX, activity="independent"))
    with pytest.raises(ValueError, match="one"):
        exact_loss_over_p(zero, task)


def test_sampled_loss_of_independent_features_by_integration():
    """The zero model's L/p without a mess is E[ReLU(v)^2] = 1/6 at any p."""
    task = make_task(replace(SIX, activity="independent", active_probability=0.2))
    sampled = sampled_loss_over_p(zero, task, rows=200_000)
    assert abs(sampled.loss_over_p - 1 / 6) < 4 * sampled.standard_error


def test_svd_bound_without_a_mess_is_the_naive_loss():
    """Singular values of I: h of them reached, n - h missed."""
    assert svd_bound_over_p(torch.zeros(10, 10), 3) == pytest.approx(naive_loss_over_p(10, 3))


def test_svd_bound_of_a_diagonal_mess_by_hand():
    """M = diag(2, 1, 0), h = 1: I + M = diag(3, 2, 1) misses 4 + 1, M misses 1; over 6n = 18."""
    assert svd_bound_over_p(torch.diag(torch.tensor([2.0, 1.0, 0.0])), 1) == pytest.approx(6 / 18)


def test_no_weights_found_by_gradient_descent_go_below_the_svd_bound():
    """Free matrices of rank h, fitted to each half alone, reach the bound; a ReLU model trained on both cannot."""
    score = score_variant(replace(with_mess(SIX, "symmetric"), steps=500, seed=3))
    assert score.loss_over_p > score.svd_bound
    mess = make_task(score.config).mess.double()
    reached = 0.0
    for target in (torch.eye(6, dtype=torch.float64) + mess.T, mess.T):
        left, values, right = torch.linalg.svd(target)
        best = left[:, :3] @ torch.diag(values[:3]) @ right[:3]
        reached += float((target - best).square().sum()) / 36
    assert reached == pytest.approx(score.svd_bound)


def test_embed_is_what_the_residual_model_leaves_to_the_mlp():
    """x + ReLU(x) minus the residual stream's own x W_E W_E^T is the label: ReLU(x) + (I - W_E W_E^T) x."""
    task = make_task(with_mess(SIX, "embed"))
    inputs = torch.randn((5, 6), generator=torch.Generator().manual_seed(0))
    residual_stream_alone = inputs @ task.embedding @ task.embedding.T
    torch.testing.assert_close(task.labels(inputs), inputs + inputs.relu() - residual_stream_alone)


def test_flipped_is_embed_with_the_opposite_sign():
    """The two named variants differ in sign only, at the same seed."""
    embed, flipped = (make_task(with_mess(SIX, mess)).mess for mess in ("embed", "flipped"))
    assert torch.equal(embed, -flipped)
    assert embed.abs().max() > 0.01


def test_noise_has_its_scale_its_symmetry_and_no_diagonal():
    """Standard deviation s off the diagonal, for both kinds of noise."""
    for mess in ("symmetric", "asymmetric"):
        config = replace(FULL, features=400, neurons=200, mess=mess, mess_scale=0.03)
        drawn = make_task(config).mess
        off_diagonal = drawn[~torch.eye(400, dtype=torch.bool)]
        assert float(off_diagonal.std()) == pytest.approx(0.03, rel=0.01)
        assert torch.count_nonzero(drawn.diagonal()) == 0
        assert torch.equal(drawn, drawn.T) == (mess == "symmetric")


def test_embedding_form_is_the_residual_model_without_its_residual_stream():
    """y = (r + ReLU(r W_in) W_out) W_E^T with r = x W_E, written out, minus r W_E^T."""
    config = replace(with_mess(SIX, "embed"), form="embedding")
    task = make_task(config)
    model = make_model(task)
    inputs = torch.randn((5, 6), generator=torch.Generator().manual_seed(0))
    stream = inputs @ task.embedding
    full = (stream + (stream @ model.w_in).relu() @ model.w_out) @ task.embedding.T
    torch.testing.assert_close(model(inputs), full - stream @ task.embedding.T)


def test_reduced_form_by_hand():
    """One neuron reading both features: ReLU(2 + 1) on the first output, ReLU(-2 + 1) silent."""
    model = Mlp(torch.tensor([[1.0], [1.0]]), torch.tensor([[1.0, 0.0]]))
    inputs = torch.tensor([[2.0, 1.0], [-2.0, 1.0]])
    assert model(inputs).tolist() == [[3.0, 0.0], [0.0, 0.0]]


def test_one_active_rows_have_one_active_feature():
    """Every feature is drawn, values fill [-1, 1]."""
    inputs = make_task(SIX).draw_inputs(10_000, torch.Generator().manual_seed(0))
    assert set(torch.count_nonzero(inputs, dim=1).tolist()) == {1}
    assert torch.count_nonzero(inputs, dim=0).min() > 1500
    assert (inputs.min(), inputs.max()) == (pytest.approx(-1, abs=0.01), pytest.approx(1, abs=0.01))


def test_independent_features_are_active_with_their_probability():
    """60,000 draws at p = 0.2."""
    task = make_task(replace(SIX, activity="independent", active_probability=0.2))
    inputs = task.draw_inputs(10_000, torch.Generator().manual_seed(0))
    assert float((inputs != 0).float().mean()) == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"neurons": 40}, "neurons == 40"),
        ({"active_probability": 0.0}, "active_probability == 0.0"),
        ({"form": "embedding", "mess": "flipped"}, "flipped"),
        ({"evaluation": "exact", "activity": "independent"}, "exact"),
    ],
)
def test_impossible_configs_are_refused(change, message):
    """The error names the value."""
    with pytest.raises(ValueError, match=message):
        replace(TOY, **change)


def test_a_config_gives_the_same_model_twice():
    """Seeds decide everything: the same exact loss to the last digit, and another one from another seed."""
    config = replace(with_mess(SIX, "flipped"), steps=50)
    first, again = score_variant(config), score_variant(config)
    assert first.loss_over_p == again.loss_over_p
    assert score_variant(replace(config, seed=1)).loss_over_p != first.loss_over_p


def test_toy_size_shows_the_published_effect():
    """Clean stays at 1/12; embed, flipped and asymmetric fall below it in the published order."""
    gates = judge(score_variants(TOY, seed=0))
    assert [gate for gate in gates if not gate.passed] == []


def test_the_gates_fail_an_implementation_without_a_mess():
    """Negative control: five clean models under five names show no effect."""
    clean = score_variant(replace(TOY, steps=200))
    gates = judge(dict.fromkeys(("clean", "embed", "flipped", "symmetric", "asymmetric"), clean))
    assert [gate.passed for gate in gates][1:] == [False, False]
