"""A real `Trainer` of Hugging Face's with our callback: a job per training, and the training as it was."""

import pytest

import tracker
from tests.capture.homes import iterations_in

STAGES = ["load", "compile", "steady", "evaluate", "steady", "evaluate", "steady", "save", "steady"]

TINY = """
import sys
import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

class Numbers(torch.utils.data.Dataset):
    def __init__(self, breaks_at=-1):
        self.breaks_at = breaks_at
    def __len__(self):
        return 8
    def __getitem__(self, index):
        if index == self.breaks_at:
            raise RuntimeError("no such sample")
        numbers = torch.arange(8) + index
        return {"input_ids": numbers, "labels": numbers}

def trainer(folder, *callbacks, breaks_at=-1, **settings):
    model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=1, n_embd=8, vocab_size=64, n_positions=16))
    every = {"eval_strategy": "steps", "eval_steps": 2, "save_strategy": "steps", "save_steps": 4} | settings
    arguments = TrainingArguments(
        output_dir=str(folder), max_steps=4, per_device_train_batch_size=2, use_cpu=True, seed=1,
        report_to=[], disable_tqdm=True, logging_strategy="no", **every,
    )
    return Trainer(
        model, arguments, train_dataset=Numbers(breaks_at), eval_dataset=Numbers(), callbacks=list(callbacks)
    )
"""


@pytest.fixture(scope="module")
def tiny():
    """The module above: a model of one layer, four steps on eight rows."""
    names = {}
    exec(TINY, names)
    return names["trainer"]


def callback(**options):
    from tracker.huggingface import JobCallback

    return JobCallback(**options)


def stages_of(iteration):
    (job,) = [span for span in iteration.spans if span.kind == "job"]
    stages = [span for span in iteration.spans if span.kind == "stage"]
    assert {span.parent for span in stages} == {job.span}
    return job, [span.name for span in sorted(stages, key=lambda span: span.span)]


def test_a_training_in_an_iteration_is_a_job_with_its_stages(home, tiny, tmp_path):
    """Loading, the first step, the rest, each evaluation and the checkpoint; they fill the job to the millisecond."""
    with tracker.iteration("k32", study="s") as it, it.phase("launch"):
        tiny(tmp_path, callback()).train()
    (iteration,) = iterations_in(home)
    job, names = stages_of(iteration)
    assert (job.name, job.status, job.fields["device"], names) == ("train", "finished", "cpu", STAGES)
    assert job.fields["config"]["max_steps"] == 4
    assert str(tmp_path) not in str(iteration.spans)
    stages = [span for span in iteration.spans if span.kind == "stage"]
    length, covered = job.ended_at - job.started_at, sum(span.ended_at - span.started_at for span in stages)
    assert length - covered < 0.05 * length


def test_without_an_iteration_a_training_is_one_of_its_own(home, tiny, tmp_path, monkeypatch):
    """Named by the environment; evaluating after it adds nothing, training again another iteration."""
    monkeypatch.setenv("TRACKER_STUDY", "sae")
    trainer = tiny(tmp_path, callback(name="finetune"), eval_strategy="no", save_strategy="no")
    trainer.train()
    trainer.evaluate()
    trainer.train()
    first, second = iterations_in(home)
    assert (first.study, first.name, first.status, second.status) == ("sae", "finetune", "finished", "finished")
    assert [stages_of(one)[1] for one in (first, second)] == [["load", "compile", "steady"]] * 2


def test_the_training_computes_what_it_computes_without_us(home, tiny, tmp_path):
    """The same loss to the last bit, with the callback recording, broken, and not there."""

    def loss(*callbacks):
        import torch

        torch.manual_seed(0)
        return tiny(tmp_path, *callbacks, eval_strategy="no", save_strategy="no").train().training_loss

    broken = callback()
    broken._training = None  # every one of its methods fails
    assert loss(callback()) == loss(broken) == loss()


def test_a_training_that_fails_ends_with_the_iteration_around_it(home, tiny, tmp_path):
    """The Trainer tells no callback; the exception is the experiment's, and the job has failed."""
    with pytest.raises(RuntimeError, match="no such sample"):
        with tracker.iteration("k32", study="s"):
            tiny(tmp_path, callback(), breaks_at=3).train()
    (iteration,) = iterations_in(home)
    job, names = stages_of(iteration)
    assert (iteration.status, job.status, job.ended_at) == ("failed", "failed", iteration.ended_at)
    assert names[0] == "load"


def test_a_training_that_was_left_open_is_closed_before_the_next(home, tiny, tmp_path):
    """Two trainings by the same callback, the first of which has failed: two jobs, one after the other."""
    shared = callback()
    with tracker.iteration("k32", study="s"):
        with pytest.raises(RuntimeError):
            tiny(tmp_path, shared, breaks_at=3).train()
        tiny(tmp_path, shared, eval_strategy="no", save_strategy="no").train()
    jobs = [span for span in iterations_in(home)[0].spans if span.kind == "job"]
    assert [job.status for job in jobs] == ["failed", "finished"]
    assert jobs[0].ended_at <= jobs[1].started_at


@pytest.mark.parametrize(("error", "status"), [("1 / 0", "failed"), ("raise KeyboardInterrupt", "killed")])
def test_what_a_framework_left_open_is_ended_at_the_exit(recorded, error, status):
    """The same without the framework, whose import takes seconds."""
    begin = (
        "from tracker.capture.integrations.training import Training\nTraining().begin('t', device='cpu', config={})\n"
    )
    recorded.python("-c", begin + error)
    (iteration,) = recorded.iterations()
    job, names = stages_of(iteration)
    assert (iteration.status, iteration.is_end_estimated, job.status, names) == (status, False, status, ["load"])


@pytest.mark.exhaustive
def test_a_script_that_dies_of_its_training_leaves_a_failed_iteration(recorded, tmp_path):
    """No iteration around it and nobody to tell: the interpreter's exit ends it."""
    body = "from tracker.huggingface import JobCallback\ntrainer(sys.argv[1], JobCallback(), breaks_at=3).train()"
    ran = recorded.python("-c", TINY + body, str(tmp_path / "out"))
    assert (ran.returncode, "no such sample" in ran.stderr, "loopgauge" in ran.stderr) == (1, True, False)
    (iteration,) = recorded.iterations()
    assert (iteration.status, iteration.is_end_estimated, stages_of(iteration)[0].status) == ("failed", False, "failed")


@pytest.mark.exhaustive
def test_two_ranks_of_a_torchrun_are_one_job_of_one_iteration(recorded, tmp_path):
    """A real launch on the CPU; no iteration is open around it."""
    path = tmp_path / "train.py"
    path.write_text(
        TINY + "from tracker.huggingface import JobCallback\ntrainer(sys.argv[1], JobCallback(), ddp_backend='gloo',"
        " eval_strategy='no', save_strategy='no').train()\n"
    )
    ran = recorded.python("-m", "torch.distributed.run", "--nproc-per-node=2", str(path), str(tmp_path), timeout=300)
    assert ran.returncode == 0, ran.stderr
    (iteration,) = recorded.iterations()
    job, names = stages_of(iteration)
    assert (job.fields["ranks"], names) == (2, ["load", "compile", "steady"])
