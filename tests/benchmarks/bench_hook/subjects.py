"""What is compared: a subject makes events by one tool, and counts afterwards which of them can be read back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol

Call = Callable[[int], object]  # makes the event of that number


class Running(Protocol):
    """A subject that has been started in this process."""

    calls: Sequence[Call]  # one for each of the subject's labels, made in this order

    def records(self) -> Sequence[Mapping[str, Any]]:
        """The record of each call's last event, for `json.dumps`; empty where the common record stands for it."""

    def finish(self) -> None:
        """Ends in order, as a program does that is not killed."""


@dataclass(frozen=True)
class Subject:
    """One way of recording an event.

    Attributes:
        tool: Whose it is.
        labels: What its calls are called in the table; each call of each label makes `events_per_call` events.
        module: Where it lives: `start(folder, variant)` returns a `Running`, `count(folder, variant)` the events found.
        variant: Tells subjects of one module apart.
        distribution: What has to be installed for it; empty: nothing.
        timed_calls: How often each call is made in one round.
        settle_seconds: How long helper processes of the tool get after the kill to write down what they hold.
    """

    tool: str
    labels: tuple[str, ...]
    module: str
    variant: str = ""
    distribution: str = ""
    timed_calls: int = 2_000
    events_per_call: int = 1
    settle_seconds: float = 0.0

    @property
    def is_peer(self) -> bool:
        """True for another tracker: what `--quick` leaves out."""
        return bool(self.distribution)

    @property
    def name(self) -> str:
        """What the command line of a child process calls it."""
        return f"{self.module.rpartition('.')[2]}:{self.variant}"

    def start(self, folder: Path) -> Running:
        """Gets the tool going with its files under `folder`."""
        running: Running = import_module(self.module).start(folder, self.variant)
        return running

    def count(self, folder: Path) -> int:
        """Returns how many events the tool's own reader finds under `folder`."""
        return int(import_module(self.module).count(folder, self.variant))


OURS = tuple(
    Subject("Loopgauge", labels, "bench_hook.ours", variant)
    for variant, labels in {
        "decide": ("`decide`",),
        "phase": ("`phase` enter", "`phase` exit"),
        "job": ("`job` enter", "`job` exit"),
        "stage": ("`stage` enter", "`stage` exit"),
    }.items()
)
JSON_WRITE = Subject("floor", ("`json.dumps` + `os.write`",), "bench_hook.floors", "json")
FLOORS = (
    JSON_WRITE,
    Subject("floor", ("`os.write` of the same bytes",), "bench_hook.floors", "bare"),
    Subject("SQLite", ("insert and commit, WAL",), "bench_hook.floors", "sqlite"),
)


def _mlflow(label: str, variant: str, calls: int, events_per_call: int = 1) -> Subject:
    return Subject("MLflow", (label,), "bench_hook.mlflow_peer", variant, "mlflow", calls, events_per_call)


def _peer(tool: str, label: str, variant: str, distribution: str, settle_seconds: float = 0.0) -> Subject:
    return Subject(
        tool, (label,), "bench_hook.peers", variant, distribution, timed_calls=1_000, settle_seconds=settle_seconds
    )


PEERS = (
    _mlflow("`log_metric`, SQLite", "sync", 200),
    _mlflow("`log_metric`, asynchronous", "async", 1_000),
    _mlflow("`log_batch` of 1,000, per value", "batch", 5, events_per_call=1_000),
    _mlflow("`start_span`", "span", 500),
    # Its own process writes the file: it is given time to notice the death and to finish.
    _peer("W&B", "`log`, offline", "wandb", "wandb", settle_seconds=5.0),
    _peer("trackio", "`log`", "trackio", "trackio"),
    _peer("TensorBoard", "`add_scalar`", "tensorboard", "tensorboardX"),
    _peer("OpenTelemetry", "span, simple processor to a file", "otel-simple", "opentelemetry-sdk"),
    _peer("OpenTelemetry", "span, batch processor to a file", "otel-batch", "opentelemetry-sdk"),
)
SUBJECTS = (*OURS, *FLOORS, *PEERS)


def installed_version(subject: Subject) -> str:
    """Returns the version of what the subject needs; empty where it is not installed."""
    if not subject.distribution:
        return "built in"
    try:
        return metadata.version(subject.distribution)
    except metadata.PackageNotFoundError:
        return ""


def subject_named(name: str) -> Subject:
    """Returns the subject that a child process was started for."""
    return next(subject for subject in SUBJECTS if subject.name == name)
