"""A real `Trainer` of Lightning's with our callback: a job for each thing that it does."""

import pickle
import subprocess
import sys

import pytest

import tracker
from tests.capture.homes import iterations_in

QUIET = {
    "accelerator": "cpu",
    "devices": 1,
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "max_epochs": 2,
}


@pytest.fixture(scope="module")
def lightning():
    """The framework, imported once for these tests."""
    import pytorch_lightning

    return pytorch_lightning


@pytest.fixture(scope="module")
def tiny(lightning):
    """Makes a model of one layer; `fails_with` is raised in its third training step."""
    import torch

    class Tiny(lightning.LightningModule):
        def __init__(self, fails_with=None):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)
            self.fails_with = fails_with

        def training_step(self, batch, index):
            if self.fails_with is not None and index == 2:
                raise self.fails_with
            return self.layer(batch).mean()

        def validation_step(self, batch, index):
            self.layer(batch)

        test_step = predict_step = validation_step

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    return Tiny


@pytest.fixture
def rows():
    """Four batches of two."""
    import torch

    return torch.utils.data.DataLoader(torch.ones(8, 4), batch_size=2)


def callback(**options):
    from tracker.lightning import JobCallback

    return JobCallback(**options)


def jobs_of(home):
    """(name, status, stages) of each job of the one iteration."""
    (iteration,) = iterations_in(home)
    spans = sorted(iteration.spans, key=lambda span: span.span)
    return [
        (job.name, job.status, [span.name for span in spans if span.parent == job.span])
        for job in spans
        if job.kind == "job"
    ]


def test_a_fit_is_a_job_with_its_stages(home, lightning, tiny, rows):
    """The sanity check, the first batch, the rest, a validation after each epoch; on the device it ran on."""
    with tracker.iteration("k32", study="s"):
        lightning.Trainer(callbacks=[callback()], **QUIET).fit(tiny(), rows, rows)
    stages = ["load", "evaluate", "load", "compile", "steady", "evaluate", "steady", "evaluate", "steady"]
    assert jobs_of(home) == [("train", "finished", stages)]
    job = next(span for span in iterations_in(home)[0].spans if span.kind == "job")
    assert (job.fields["device"], job.fields["config"]["max_epochs"]) == ("cpu", 2)


def test_validation_test_and_prediction_are_jobs_of_their_own(home, lightning, tiny, rows):
    """Each with what it took to load."""
    model = tiny()
    trainer = lightning.Trainer(callbacks=[callback()], **QUIET)
    with tracker.iteration("k32", study="s"):
        for run in (trainer.validate, trainer.test, trainer.predict):
            run(model, rows, **({"verbose": False} if run != trainer.predict else {}))
    assert jobs_of(home) == [(name, "finished", ["load", "steady"]) for name in ("validate", "test", "predict")]


def test_without_an_iteration_a_fit_is_one_of_its_own(home, lightning, tiny, rows):
    """As for a script that nobody edited."""
    lightning.Trainer(callbacks=[callback(name="finetune")], **QUIET).fit(tiny(), rows)
    (iteration,) = iterations_in(home)
    assert (iteration.name, iteration.status, bool(iteration.gap_rule)) == ("finetune", "finished", True)
    assert jobs_of(home) == [("finetune", "finished", ["load", "compile", "steady"])]


@pytest.mark.parametrize(
    ("error", "raised", "status"),
    [(RuntimeError("no memory"), RuntimeError, "failed"), (KeyboardInterrupt(), SystemExit, "killed")],
)
def test_how_a_fit_ends_is_recorded_at_once(home, lightning, tiny, rows, error, raised, status):
    """Lightning tells its callbacks; what comes after it in the iteration is not the job's."""
    with tracker.iteration("k32", study="s") as it:
        with pytest.raises(raised):
            lightning.Trainer(callbacks=[callback()], **QUIET).fit(tiny(error), rows)
        with it.phase("evaluate"):
            pass
    assert [(name, found) for name, found, _ in jobs_of(home)] == [("train", status)]
    job, phase = (next(span for span in iterations_in(home)[0].spans if span.kind == kind) for kind in ("job", "phase"))
    assert job.ended_at <= phase.started_at


def test_a_callback_that_is_broken_costs_nothing(home, lightning, tiny, rows):
    """Every hook of it fails, and the fit runs to its end."""
    broken = callback()
    broken._training = None
    trainer = lightning.Trainer(callbacks=[broken], **QUIET)
    trainer.fit(tiny(), rows, rows)
    assert trainer.state.finished


def test_a_callback_travels_with_its_trainer_and_takes_nothing_open_along(home):
    """Launchers that spawn send it to other processes, in the middle of a training too."""
    with tracker.iteration("k32", study="s"):
        ours = callback(name="finetune")
        ours._training.begin("finetune", device="cpu", config={})
        there = pickle.loads(pickle.dumps(ours))
        assert (there._name, there._training.stage, ours._training.stage) == ("finetune", "", "load")
        ours._training.end()


def test_a_process_that_does_not_speak_for_the_training_opens_no_iteration(home, monkeypatch):
    """Lightning's own launcher says no rank by our variable; where a launcher does, all ranks are one."""
    from tracker.capture.integrations.training import Training

    Training().begin("train", device="cpu", config={}, is_first=False)
    assert iterations_in(home) == []
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    second = Training()
    second.begin("train", device="cpu", config={}, is_first=False)
    second.end()
    assert [one.status for one in iterations_in(home)] == ["finished"]


def test_the_frameworks_come_only_with_their_callbacks():
    """`import tracker` loads neither, nor does the part that both callbacks share."""
    code = (
        "import sys, tracker, tracker.capture.integrations.training; print({*sys.modules} & {'torch', 'transformers'})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
