"""Every path that only a CUDA device takes: `make test-gpu` runs them and writes which device it was.

Each is held against the same thing on the CPU, or against what the CPU's tests hold it against.
"""

from dataclasses import replace

import pytest
import torch

import tracker
from studies.real.byte_model import ByteModelConfig, make_byte_model
from studies.real.lora.adapters import make_adapter
from studies.real.lora.config import VARIANTS, LoraConfig, dictionary_config
from studies.real.lora.training import judge as judge_adapter
from studies.real.lora.training import train_adapter
from studies.real.murky_evaluation.interpretability import score_latents
from studies.real.sparse_autoencoder.config import TOY_BYTES
from studies.real.sparse_autoencoder.end_to_end import compute_end_to_end_losses
from studies.real.sparse_autoencoder.model import SparseAutoencoder
from studies.real.sparse_autoencoder.training import Trainer
from studies.toy.compressed_computation.config import TOY, with_mess
from studies.toy.compressed_computation.gates import judge, score_variants
from studies.toy.compressed_computation.labels import make_task
from studies.toy.compressed_computation.loss import exact_loss_over_p
from studies.toy.compressed_computation.model import make_model
from studies.toy.compressed_computation.side_by_side import train_side_by_side
from studies.toy.compressed_computation.training import train
from studies.toy.parameter_decomposition.config import ATTRIBUTIONS, SETTINGS, with_attribution
from studies.toy.parameter_decomposition.gates import score
from studies.toy.unrecorded import Unrecorded
from tracker.testing import recording

pytestmark = pytest.mark.gpu
DEVICE = "cuda"


@pytest.fixture(autouse=True, scope="module")
def named_device(record_testsuite_property):
    """The record of the run says on which device and with which torch it was made."""
    record_testsuite_property("device", torch.cuda.get_device_name())
    record_testsuite_property("torch", torch.__version__)


def test_the_toy_effect_is_there_on_the_device():
    """The same gates as on the CPU."""
    gates = judge(score_variants(TOY, seed=0, device=DEVICE))
    assert [gate for gate in gates if not gate.passed] == []


def test_models_side_by_side_agree_with_models_alone_on_the_device():
    """Each with its own rows: the losses are equal to the rounding of a batched product, 500 steps long."""
    configs = [replace(with_mess(TOY, mess), steps=500) for mess in ("clean", "flipped")]
    pairs = [(task, make_model(task)) for task in map(make_task, configs)]
    together = train_side_by_side(pairs, Unrecorded(), device=DEVICE, own_draws=True)
    for config, (task, model) in zip(configs, together, strict=True):
        fresh = make_task(config)
        alone_task, alone = train(fresh, make_model(fresh), Unrecorded(), device=DEVICE)
        assert exact_loss_over_p(model.to(DEVICE), task) == pytest.approx(
            exact_loss_over_p(alone, alone_task), rel=0.02
        )


@pytest.mark.parametrize("change", [{"precision": "bf16_autocast"}, {"compile": "inductor"}, {"compile": "cudagraphs"}])
def test_valid_accelerations_leave_the_loss_where_it_was(change):
    """bf16 products, compiled steps and CUDA graphs: within 3 %, which is what two seeds differ by."""
    losses = []
    for config in (TOY, replace(TOY, **change)):
        task = make_task(with_mess(config, "flipped"))
        task, model = train(task, make_model(task), Unrecorded(), device=DEVICE)
        losses.append(exact_loss_over_p(model, task))
    assert losses[1] == pytest.approx(losses[0], rel=0.03)


def test_a_job_on_the_device_is_timed_by_its_events():
    """The hook records CUDA events around the job and its stages, and says so."""
    torch.cuda.init()
    task = make_task(replace(TOY, steps=50))
    with recording() as recorded, tracker.iteration("timed", study="gpu", regime="toy") as it:
        with it.job("train", device=DEVICE) as job:
            train(task, make_model(task), job, device=DEVICE)
        torch.cuda.synchronize()
    (iteration,) = recorded.iterations()
    timers = {span.name: span.fields["timed_by"] for span in iteration.spans}
    assert timers == {"train": "cuda_event", "load": "cuda_event", "steady": "cuda_event"}


@pytest.mark.parametrize("name", ["apd", "spd", "apd-40-10", "apd-residual", "spd-residual", "apd-gated"])
def test_decompositions_train_on_the_device(name):
    """Every target and both methods, short: components of finite size, and every mechanism matched by something."""
    match = score(replace(SETTINGS[name], steps=300, target_steps=500), device=DEVICE)
    assert 0 < match.mmcs <= 1 + 1e-6
    assert 0 < match.ml2r < 5


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_every_attribution_runs_on_the_device(attribution):
    """On TMS 5-2 random components already match most of a plane."""
    match = score(with_attribution(replace(SETTINGS["apd"], steps=50, target_steps=200), attribution), device=DEVICE)
    assert 0.8 < match.mmcs <= 1 + 1e-6


@pytest.mark.parametrize("precision", ["float32", "bf16_autocast"])
def test_dictionaries_train_on_the_device(precision):
    """The reconstruction loss falls to under half of its start."""
    config = replace(TOY_BYTES, precision=precision, batch_tokens=256, epochs=5, sequences=1, chunk_sequences=1)
    vectors = torch.randn(4_096, 8, device=DEVICE) @ torch.randn(8, 64, device=DEVICE)
    trainer = Trainer(config, SparseAutoencoder(config).to(DEVICE))
    variance = float((vectors - vectors.mean(0)).square().mean())
    assert trainer.train_on(vectors, 0) < 0.5 * variance


@pytest.fixture(scope="module")
def model_of_bytes():
    """A tiny language model, trained here and moved to the device."""
    text = "the quick brown fox jumps over the lazy dog and runs away from it at once; " * 100
    config = ByteModelConfig(d_model=16, heads=2, positions=32, batch_sequences=16, steps=60, learning_rate=1e-2)
    model = make_byte_model(text, config)
    model.network.to(DEVICE)
    data = torch.tensor(list(text.encode()))
    starts = torch.randint(len(data) - 32, (32, 1), generator=torch.Generator().manual_seed(1))
    return model, data[starts + torch.arange(32)]


@pytest.mark.parametrize("objective", ["e2e", "downstream"])
@pytest.mark.parametrize("precision", ["float32", "bf16_autocast"])
def test_dictionaries_train_end_to_end_on_the_device(model_of_bytes, objective, precision):
    """The divergence after fifteen passes is under that after one."""
    model, tokens = model_of_bytes
    left = []
    for epochs in (1, 15):
        config = replace(
            TOY_BYTES, d_model=16, k=2, positions=32, batch_tokens=256, objective=objective, precision=precision
        )
        config = replace(config, epochs=epochs, sequences=32, chunk_sequences=32, learning_rate=1e-2)
        sae = SparseAutoencoder(config).to(DEVICE)
        Trainer(config, sae).train_end_to_end(model, tokens)
        left.append(compute_end_to_end_losses(model, sae, tokens.to(DEVICE), config).divergence.item())
    assert left[1] < left[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_adapters_train_on_the_device(model_of_bytes, variant):
    """The task's loss falls below the base's; a pulled-back adapter only has to be finite."""
    model, tokens = model_of_bytes
    config = LoraConfig(
        variant=variant, d_model=16, rank=4, dictionary_k=4, positions=32, batch_sequences=4, learning_rate=1e-2
    )
    dictionary = SparseAutoencoder(dictionary_config(config)).requires_grad_(False).to(DEVICE)
    adapter = make_adapter(config, dictionary).to(DEVICE)
    trained = train_adapter(config, model, dictionary, adapter, tokens.repeat(4, 1), Unrecorded())
    judged = judge_adapter(model, config, trained.adapter, tokens.to(DEVICE), tokens.to(DEVICE))
    assert judged.off_task_divergence < float("inf")
    assert variant == "pullback" or judged.task < judged.base_task


def test_latents_are_scored_on_the_device():
    """The same areas as on the CPU."""
    generator = torch.Generator().manual_seed(0)
    latents, tokens = torch.rand(500, 6, generator=generator).relu(), torch.randint(9, (500,), generator=generator)
    latents[latents < 0.6] = 0
    scores = [
        score_latents(
            latents[:250].to(device),
            tokens[:250].to(device),
            judged_latents=latents[250:].to(device),
            judged_tokens=tokens[250:].to(device),
        )
        for device in ("cpu", DEVICE)
    ]
    torch.testing.assert_close(scores[0].auc, scores[1].auc)
