"""Parameter decomposition: every loss, attribution and metric by hand or by another route."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from studies.toy.compressed_computation.labels import make_task
from studies.toy.compressed_computation.model import make_model
from studies.toy.compressed_computation.training import train
from studies.toy.parameter_decomposition.attributions import (
    attribute,
    batch_top_k,
    integrated_derivatives,
)
from studies.toy.parameter_decomposition.components import Components, ImportanceMLPs, draw_factors
from studies.toy.parameter_decomposition.config import Config
from studies.toy.parameter_decomposition.losses import (
    Importances,
    faithfulness_loss,
    importance_loss,
    lower_leaky,
    masked_error,
    merge_empty_rows,
    read_importances,
    reconstruction_loss,
    simplicity_loss,
    spd_loss,
    stochastic_mask,
    upper_leaky,
)
from studies.toy.parameter_decomposition.metrics import match_components
from studies.toy.parameter_decomposition.targets import make_gated, make_target, make_tms, residual_config
from studies.toy.parameter_decomposition.training import apd_loss, make_importances, rate_factor, trained_mask_loss
from studies.toy.unrecorded import Unrecorded

HAND = Config(features=2, hidden=2, components=2, rank=1, top_k=1, unit_norm=False)
SPD_HAND = replace(HAND, method="spd", layerwise_coefficient=1.0, importance_coefficient=3e-3)
ALL_BUT_TRAINED = ["gradient", "ablation", "activation", "integrated_gradients"]


def make_components(lefts: list[list[float]], rights: list[list[float]], weight: torch.Tensor) -> Components:
    """Rank-one components left_c right_c of a TMS target W without a bias."""
    target = make_tms(weight, torch.zeros(len(weight)), HAND)
    components = Components(replace(HAND, components=len(lefts), top_k=1), target)
    with torch.no_grad():
        components.left["linear1"].copy_(torch.tensor(lefts)[:, :, None])
        components.right["linear1"].copy_(torch.tensor(rights)[:, None, :])
    return components


@pytest.fixture
def exact() -> Components:
    """W = diag(1, 2) and its two mechanisms as components, so y = ReLU(x W W^T) = (x_1, 4 x_2)."""
    return make_components([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]], torch.diag(torch.tensor([1.0, 2.0])))


def test_faithfulness_by_hand():
    """Components add up to diag(1, 2) against diag(1, 4): (0 + 4) over four weights."""
    weight = torch.diag(torch.tensor([1.0, 4.0]))
    components = make_components([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]], weight)
    assert faithfulness_loss(components).item() == pytest.approx(1.0)


def test_reconstruction_with_one_component_by_hand(exact):
    """Only the first of two runs: (x_1, 4 x_2) becomes (x_1, 0), so 16 x_2^2 / 2 at x_2 = 0.5 is 2."""
    inputs = torch.tensor([[1.0, 0.5]])
    outputs = exact.target.outputs(inputs)
    assert outputs.tolist() == [[1.0, 2.0]]
    assert reconstruction_loss(exact, inputs, outputs, torch.tensor([[1.0, 0.0]])).item() == pytest.approx(2.0)
    assert reconstruction_loss(exact, inputs, outputs, torch.ones(1, 2)).item() == pytest.approx(0.0)


def test_simplicity_is_the_schatten_norm_of_rank_one_components(exact):
    """Norms 1 and 2; two rows with one active each and p = 1: (1 + 2) / 2 rows / 4 weights. With p = 2: (1 + 4) / 8."""
    mask = torch.eye(2)
    assert simplicity_loss(exact, mask, 1.0).item() == pytest.approx(3 / 8)
    assert simplicity_loss(exact, mask, 2.0).item() == pytest.approx(5 / 8)


def test_simplicity_equals_the_singular_values_where_ranks_are_orthogonal():
    """The Schatten-1 norm of a random matrix, from NumPy's view of its singular values."""
    weight = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    components = Components(Config(components=1, top_k=1), make_tms(weight, torch.zeros(5), Config()))
    left, values, right = torch.linalg.svd(weight, full_matrices=False)
    with torch.no_grad():
        components.left["linear1"].copy_(left[None])
        components.right["linear1"].copy_((values[:, None] * right)[None])
    nuclear = float(torch.linalg.matrix_norm(weight, "nuc"))
    assert simplicity_loss(components, torch.ones(1, 1), 1.0).item() == pytest.approx(nuclear / 10, rel=1e-5)


def test_gradient_attribution_by_hand(exact):
    """W_ii enters y_i = W_ii^2 x_i twice, so the derivative along P_c is 2 W_cc^2 x_c; over two outputs, root mean."""
    attributions = attribute("gradient", exact, torch.tensor([[1.0, 0.5]]))
    assert attributions.tolist()[0] == pytest.approx([2 / math.sqrt(2), 4 / math.sqrt(2)])


def test_ablation_and_activation_attribution_by_hand(exact):
    """Without component c its output is lost whole: 1 and 2. It writes x_c W_cc and x_c W_cc^2 in its two layers."""
    inputs = torch.tensor([[1.0, 0.5]])
    ablation, activation = attribute("ablation", exact, inputs), attribute("activation", exact, inputs)
    assert ablation.tolist()[0] == pytest.approx([1 / math.sqrt(2), 2 / math.sqrt(2)])
    assert activation.tolist()[0] == pytest.approx([math.sqrt(1 + 1), math.sqrt(1 + 4)])


def test_integrated_gradients_are_complete():
    """Summed over components they give f(sum) - f(0), here on random components, to the path's accuracy."""
    generator = torch.Generator().manual_seed(1)
    target = make_tms(torch.randn(5, 2, generator=generator), torch.zeros(5), Config())
    components = Components(Config(), target)
    inputs = torch.rand(6, 5, generator=generator)
    summed = {name: weight.sum(0) for name, weight in components.weights().items()}
    total = integrated_derivatives(components, inputs, points=64).sum(0)
    torch.testing.assert_close(total, target.outputs(inputs, summed), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", ALL_BUT_TRAINED)
def test_batched_attributions_equal_one_by_one(kind):
    """The tooling change may not change a number."""
    config = Config(features=6, hidden=3, components=7, rank=2)
    weight = torch.randn(6, 3, generator=torch.Generator().manual_seed(2))
    components = Components(config, make_tms(weight, torch.zeros(6), config))
    inputs = torch.rand(11, 6, generator=torch.Generator().manual_seed(3))
    together = attribute(kind, components, inputs, batched=True)
    torch.testing.assert_close(together, attribute(kind, components, inputs, batched=False))
    assert together.shape == (11, 7)
    assert not together.requires_grad


def test_batch_top_k_keeps_the_largest_of_the_whole_batch_and_never_a_zero():
    """1.5 per row of two rows are three places; the fourth largest and the zero stay out."""
    attributions = torch.tensor([[3.0, 2.0, 0.0], [1.0, 0.5, 0.0]])
    assert batch_top_k(attributions, 1.5).tolist() == [[1, 1, 0], [1, 0, 0]]
    assert batch_top_k(attributions, 3.0).sum() == 4


def test_hard_sigmoids_leak_on_one_side_each():
    """Slope .01 below 0 for the masks, above 1 for the penalty."""
    raw = torch.tensor([-1.0, 0.5, 2.0])
    assert lower_leaky(raw).tolist() == pytest.approx([-0.01, 0.5, 1.0])
    assert upper_leaky(raw).tolist() == pytest.approx([0.0, 0.5, 1.01])


def test_stochastic_mask_by_hand():
    """g + (1 - g) r: important stays on, unimportant is the draw, half-way is in between."""
    mask = stochastic_mask(torch.tensor([1.0, 0.0, 0.5]), torch.tensor([0.2, 0.2, 0.2]))
    assert mask.tolist() == pytest.approx([1.0, 0.2, 0.6])


def test_importance_penalty_by_hand():
    """Two layers, two rows: means of row sums 1.5 and 0.5; with p = 2 (1 + .25 + 1)/2 and .5."""
    first, second = torch.tensor([[1.0, 0.5], [1.0, 0.5]]), torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    alike = torch.tensor([0.5, 0.5])
    assert importance_loss([first, second], 1.0, alike).item() == pytest.approx(2.0)
    assert importance_loss([first, second], 2.0, alike).item() == pytest.approx(1.25 + 0.5)
    assert importance_loss([second], 1.0, torch.tensor([0.25, 0.75])).item() == pytest.approx(0.25)


def test_empty_rows_are_computed_once_and_count_as_many_times(exact):
    """Three of four rows are empty: one stays, with three quarters of the weight; the loss is that of all four."""
    inputs = torch.tensor([[0.0, 0.0], [1.0, 0.5], [0.0, 0.0], [0.0, 0.0]])
    merged, weights = merge_empty_rows(inputs)
    assert merged.tolist() == [[1.0, 0.5], [0.0, 0.0]]
    assert weights.tolist() == [0.25, 0.75]
    mlps = ImportanceMLPs(SPD_HAND, ("linear1", "linear2"), torch.device("cpu"))
    penalties = [
        read_importances(exact, mlps, rows)[0].penalty(1.0, by)
        for rows, by in ((inputs, torch.full((4,), 0.25)), (merged, weights))
    ]
    torch.testing.assert_close(*penalties)


def test_the_spd_loss_is_its_parts_by_their_coefficients(exact):
    """Everything important (the MLPs' bias is 1): masks are 1, so both reconstructions are 0 and two layers of two
    subcomponents cost 1 each; with a faithful sum the loss is 4 times the coefficient."""
    mlps = ImportanceMLPs(SPD_HAND, ("linear1", "linear2"), torch.device("cpu"))
    with torch.no_grad():
        for name in mlps.write:
            mlps.write[name].zero_()
    inputs = torch.tensor([[1.0, 0.5], [0.0, 0.0]])
    loss = spd_loss(SPD_HAND, exact, mlps, inputs, torch.Generator().manual_seed(0))
    assert loss.item() == pytest.approx(4 * 3e-3)
    with torch.no_grad():
        exact.right["linear1"].zero_()
    loss = spd_loss(SPD_HAND, exact, mlps, inputs, torch.Generator().manual_seed(0))
    # The sum misses diag(1, 2) by (1 + 4) / 4. With both layers or either one off, (1, 2) becomes 0 on the first row.
    assert loss.item() == pytest.approx(5 / 4 + (1 + 4) / 2 / 2 + (1 + 4) / 2 / 2 + 4 * 3e-3)


def test_a_layer_masked_alone_leaves_the_others_as_they_are(exact):
    """SPD's layerwise term: with all of layer one off, y is 0; with nothing masked, the target's own output."""
    inputs = torch.tensor([[1.0, 0.5]])
    outputs = exact.target.outputs(inputs)
    assert masked_error(exact, inputs, outputs, {}).tolist() == [0.0]
    assert masked_error(exact, inputs, outputs, {"linear1": torch.zeros(1, 2)}).tolist() == [(1 + 4) / 2]


def test_the_apd_loss_is_its_parts_by_their_coefficients(exact):
    """On (1, .5) the second component has the larger attribution and runs alone: (1, 2) becomes (0, 2), an error of
    1/2; the sum is faithful; its norm is 2 over 4 weights. With coefficients 3, 5, 7: 0 + 5/2 + 7 x 2/4."""
    config = replace(
        HAND, faithfulness_coefficient=3.0, reconstruction_coefficient=5.0, simplicity_coefficient=7.0, top_k=1.0
    )
    loss = apd_loss(config, exact, torch.tensor([[1.0, 0.5]]))
    assert loss.item() == pytest.approx(5 / 2 + 7 * 2 / 4)


def test_the_loss_of_a_trained_mask_adds_the_price_of_importance(exact):
    """Everything important: nothing is lost, both norms count, (1 + 2) / 4, and two components cost 1 each."""
    config = replace(
        HAND, attribution="trained_mask", simplicity_coefficient=7.0, importance_coefficient=11.0, importance_p=1.0
    )
    mlps = make_importances(config, exact)
    with torch.no_grad():
        mlps.write["linear1"].zero_()
    loss = trained_mask_loss(config, exact, mlps, torch.tensor([[1.0, 0.5]]), torch.Generator().manual_seed(0))
    assert loss.item() == pytest.approx(7 * 3 / 4 + 11 * 2)


def test_importance_mlps_judge_shared_subcomponents_in_each_layer_and_nothing_read_is_unimportant():
    """TMS ties its layers, so they share subcomponents, while each layer has importances: 0 where nothing is read."""
    config = Config(method="spd", rank=1, components=4, unit_norm=False, importance_bias=0.0)
    target = make_tms(torch.randn(5, 2, generator=torch.Generator().manual_seed(0)), torch.zeros(5), config)
    components = Components(config, target)
    mlps = make_importances(config, components)
    importances, outputs = read_importances(components, mlps, torch.zeros(3, 5))
    assert isinstance(importances, Importances)
    assert list(importances.raw) == ["linear1", "linear2"]
    assert all(torch.equal(raw, torch.zeros(3, 4)) for raw in importances.raw.values())
    assert torch.equal(outputs, torch.zeros(3, 5))
    assert list(components.left) == ["linear1"]
    trained_mask = replace(config, method="apd", attribution="trained_mask")
    assert list(make_importances(trained_mask, components).read) == ["linear1"]


def test_aligned_components_start_with_what_they_share_with_the_weight():
    """u v (u^T W v) with unit u and v, written out with NumPy's loops."""
    weight = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    config = Config(method="spd", rank=1, components=4, init="aligned")
    left, right = draw_factors(config, weight, torch.Generator().manual_seed(1))
    for u, row in zip(left[:, :, 0].numpy(), right[:, 0].numpy(), strict=True):
        v = row / np.linalg.norm(row)
        assert np.linalg.norm(u) == pytest.approx(1.0)
        assert row @ v == pytest.approx(abs(u @ weight.numpy() @ v), rel=1e-5)


def test_match_by_hand():
    """Mechanisms along x and y; one component has 3/5 of its cosine on y, the other is x at half size."""
    mechanisms = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    first = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    second = torch.tensor([[0.0, 0.0], [0.8, 0.6]])
    match = match_components(mechanisms, torch.stack([first, second]))
    assert match.mmcs == pytest.approx((1.0 + 0.6) / 2)
    assert match.ml2r == pytest.approx((0.5 + 1.0) / 2)
    assert (match.found, match.mechanisms) == (2, 2)


def test_one_component_that_holds_everything_scores_perfectly_but_is_one():
    """Why `found` is reported: MMCS and ML2R of the undecomposed network are both 1."""
    mechanisms = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    match = match_components(mechanisms, mechanisms[None])
    assert (match.mmcs, match.ml2r) == (pytest.approx(1.0), pytest.approx(1.0))
    assert match.found == 1


def test_gated_network_computes_its_functions_and_its_mechanisms_add_up():
    """All gates shut gives 0; the sum over gates of single-gate outputs is the output with all of them open."""
    config = Config(target="gated", features=3, hidden=8, components=3, rank=3, top_k=1, active_probability=0.25)
    target = make_gated(config)
    x = torch.linspace(0, 5, 9)[:, None]
    single = [target.outputs(torch.cat([x, torch.eye(3)[i].expand(9, 3)], 1)) for i in range(3)]
    together = target.outputs(torch.cat([x, torch.ones(9, 3)], 1))
    torch.testing.assert_close(sum(single), together, atol=1e-4, rtol=0)
    assert target.outputs(torch.cat([x, torch.zeros(9, 3)], 1)).abs().max() == 0
    whole = {name: weight[None] for name, weight in target.weights.items()}
    torch.testing.assert_close(target.mechanisms.sum(0), target.parts(whole)[0, 0])


def test_gated_function_goes_through_its_knots():
    """Between two knots the network is the straight line between their values."""
    config = Config(target="gated", features=1, hidden=6, components=1, rank=1, top_k=1)
    target = make_gated(config)
    at_knots = target.outputs(torch.cat([torch.linspace(0, 5, 6)[:, None], torch.ones(6, 1)], 1))[:, 0]
    middles = target.outputs(torch.cat([torch.linspace(0.5, 4.5, 5)[:, None], torch.ones(5, 1)], 1))[:, 0]
    torch.testing.assert_close(middles, (at_knots[1:] + at_knots[:-1]) / 2, atol=1e-4, rtol=0)
    assert at_knots.std() > 0.01


def test_residual_target_is_the_model_of_compressed_computation():
    """The same function as the branch that compressed computation trains, at the same seed and settings."""
    config = Config(
        target="residual_mlp", features=6, hidden=3, embedding_dim=30, components=6, rank=1, target_steps=20
    )
    target = make_target(config)
    task = make_task(residual_config(config))
    task, model = train(task, make_model(task), Unrecorded())
    inputs = torch.eye(6)
    torch.testing.assert_close(target.outputs(inputs), model(inputs).detach())
    assert target.mechanisms.shape == (6, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "spd"}, "rank == 2"),
        ({"method": "spd", "rank": 1, "target": "gated"}, "gated"),
        ({"top_k": 6.0}, "top_k == 6.0"),
        ({"embedding_dim": 8}, "embedding_dim == 8"),
        ({"active_probability": 0.0}, "active_probability == 0.0"),
    ],
)
def test_impossible_configs_are_refused(change, message):
    """The error names the value."""
    with pytest.raises(ValueError, match=message):
        replace(Config(), **change)


def test_rate_warms_up_then_follows_a_cosine():
    """Half-way up the warm-up, its end, the cosine's middle, its end."""
    assert [rate_factor(at, 0.05) for at in (0.025, 0.05, 0.525, 1.0)] == pytest.approx([0.5, 1.0, 0.5, 0.0])
    assert rate_factor(0.0, 0.0) == 1.0
