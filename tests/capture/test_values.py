"""Values that cannot be read, must not be read, or must not be kept."""

import pytest

import tracker
from tests.capture.homes import names_of
from tracker.testing import recording


class Unreadable:
    """Answers no question about itself."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


class Tensor:
    """What `torch.Tensor` and its kin have: reading it as text would read its values."""

    def __dlpack__(self):
        raise AssertionError

    def __str__(self):
        raise AssertionError("the hook must not read a tensor's values")

    __repr__ = __str__


class HostileMapping(dict):
    """A mapping that fails when it is read."""

    def items(self):
        raise RuntimeError("no items")

    def __bool__(self):
        raise RuntimeError("no truth")


def test_values_that_cannot_be_read_are_named_by_their_type():
    """A name, a setting, an option, a device: the event is there, with what can be said."""
    config = {"x": Unreadable(), "t": Tensor(), "list": [Tensor()], Unreadable(): 1}
    with recording() as recorded, tracker.iteration(Unreadable(), study="s") as it:
        with it.job(Unreadable(), device=Unreadable(), config=config):
            pass
        it.decide(Tensor(), options=[Tensor(), "b"], because=Unreadable())
    (iteration,) = recorded.iterations()
    job, decision = iteration.spans
    assert (iteration.name, job.name, job.fields["device"]) == ("(Unreadable)",) * 3
    assert job.fields["config"] == {"x": "(Unreadable)", "t": "(Tensor)", "list": "(list)", "(Unreadable)": 1}
    assert decision.fields["options"] == ["(Tensor)", "b"]


def test_settings_that_cannot_be_read_cost_themselves_and_not_the_job():
    """The event is recorded without them."""
    with recording() as recorded:
        with tracker.iteration("one", study="s", tools=HostileMapping(), forecast_minutes="soon") as it:
            with it.job("train", config=HostileMapping(), enabled_at="yesterday"):
                pass
    (iteration,) = recorded.iterations()
    assert (iteration.tools, iteration.forecast_seconds, names_of(iteration)) == ({}, None, ["train"])
    failures = [event["failures"] for event in recorded.events if event["event"] == "tracker_failed"]
    assert sum(failures) == 4


@pytest.mark.parametrize(
    "arm", ["yes", "Changed", "", 1, 0.0, Unreadable(), Tensor(), ["changed"]], ids=lambda arm: type(arm).__name__
)
def test_what_is_no_arm_is_reported_and_costs_no_other_tool(arm):
    """It is not recorded, which `doctor` says; nothing is raised."""
    with recording() as recorded, tracker.iteration("one", study="s", tools={"a": True, "b": arm, "c": False}):
        pass
    assert recorded.iterations()[0].tools == {"a": "changed", "c": "baseline"}
    failures = [event["failures"] for event in recorded.events if event["event"] == "tracker_failed"]
    assert failures == [1]


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_an_error_of_the_machine_within_the_hook_stays_there(monkeypatch, error):
    """Both are errors of ours where they are raised in our code."""

    def raise_it(*arguments):
        raise error

    with recording() as recorded, tracker.iteration("one", study="s") as it:
        monkeypatch.setattr(tracker.capture.handles, "quote", raise_it)
        with it.phase("think"):
            pass
        monkeypatch.undo()
        with it.phase("evaluate"):
            pass
    assert names_of(recorded.iterations()[0], "phase") == ["evaluate"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("password", "hunter2"), ("db_passwd", "x"), ("api_key", "x"), ("OPENAI_API_KEY", "x"), ("apiKey", "x")),
        *(("hf_token", "x1"), ("token", "abc"), ("HF-TOKEN", "abc"), ("client_secret", "x"), ("aws.credentials", "x")),
        *(("private_key", "x"), ("accessKey", "x"), ("password", 1234), ("secret", ["a"])),
        # The key says nothing, the value does.
        ("note", "sk-proj-aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("note", "hf_aaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("note", "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("note", "AKIAAAAAAAAAAAAAAAAA"),
        ("note", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
        ("data", "postgresql://user:hunter2@db.example/runs"),
        ("note", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    ],
)
def test_likely_secrets_are_refused(key, value):
    """Neither journal nor MLflow gets them; that there was something is kept."""
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.job("train", config={key: value}):
        pass
    assert recorded.iterations()[0].spans[0].fields["config"] == {key: "refused: looks like a secret"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("max_tokens", 512), ("tokens_per_batch", 4096), ("tokenizer", "gpt2"), ("pad_token", "<pad>")),
        *(("eos_token", "<|endoftext|>"), ("cls_token", "[CLS]"), ("pad_token", 50256), ("token", 3)),
        *(("monkey", "x"), ("key", "q"), ("secret_rotation", False), ("password", None), ("hf_token", None)),
        *(("data", "https://example.org/a:b@c"), ("path", "s3://bucket/train"), ("name", "sk-1"), ("passes", 3)),
    ],
)
def test_settings_of_a_model_are_no_secrets(key, value):
    """A rule that refuses a tokenizer's settings would be switched off."""
    with recording() as recorded, tracker.iteration("one", study="s") as it, it.job("train", config={key: value}):
        pass
    assert recorded.iterations()[0].spans[0].fields["config"] == {key: value}
