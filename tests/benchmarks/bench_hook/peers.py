"""Other trackers, each by the call that its documentation shows for logging one value, with their files in a folder."""

import importlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PROJECT = "benchmark"


class Running:
    """A tracker that is ready to log; its record is the floors' record."""

    def __init__(self, call: Callable[[int], object], finish: Callable[[], object]) -> None:
        self.calls = (call,)
        self._finish = finish

    def records(self) -> Sequence[dict[str, Any]]:
        return ()

    def finish(self) -> None:
        self._finish()


def start(folder: Path, variant: str) -> Running:
    starters = {
        "wandb": _start_wandb,
        "trackio": _start_trackio,
        "tensorboard": _start_tensorboard,
        "otel-simple": _start_opentelemetry,
        "otel-batch": _start_opentelemetry,
    }
    return starters[variant](folder, variant)


def count(folder: Path, variant: str) -> int:
    counters = {
        "wandb": _count_wandb,
        "trackio": _count_trackio,
        "tensorboard": _count_tensorboard,
        "otel-simple": _count_opentelemetry,
        "otel-batch": _count_opentelemetry,
    }
    return counters[variant](folder)


def _start_wandb(folder: Path, variant: str) -> Running:
    wandb = importlib.import_module("wandb")
    settings = wandb.Settings(disable_git=True, x_disable_stats=True, console="off", x_disable_meta=True)
    run = wandb.init(project=PROJECT, dir=str(folder), mode="offline", settings=settings)
    return Running(lambda number: run.log({"loss": number / 1_000}, step=number), run.finish)


def _count_wandb(folder: Path) -> int:
    from bench_hook.wandb_file import read_records

    return sum(
        record.WhichOneof("record_type") == "history"
        for path in folder.glob("wandb/offline-run-*/*.wandb")
        for record in read_records(path)
    )


def _start_trackio(folder: Path, variant: str) -> Running:
    os.environ["TRACKIO_DIR"] = str(folder / "trackio")
    trackio = importlib.import_module("trackio")
    run = trackio.init(project=PROJECT, embed=False, auto_log_gpu=False, auto_log_cpu=False)
    return Running(lambda number: run.log({"loss": number / 1_000}, step=number), run.finish)


def _count_trackio(folder: Path) -> int:
    os.environ["TRACKIO_DIR"] = str(folder / "trackio")
    storage = importlib.import_module("trackio.sqlite_storage").SQLiteStorage
    return sum(len(storage.get_logs(PROJECT, run)) for run in storage.get_runs(PROJECT))


def _start_tensorboard(folder: Path, variant: str) -> Running:
    writer = importlib.import_module("tensorboardX").SummaryWriter(str(folder / "board"))
    return Running(lambda number: writer.add_scalar("loss", number / 1_000, number), writer.close)


def _count_tensorboard(folder: Path) -> int:
    module = importlib.import_module("tensorboard.backend.event_processing.event_accumulator")
    events = module.EventAccumulator(str(folder / "board"), size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    return sum(len(events.Scalars(tag)) for tag in events.Tags()["scalars"])


def _start_opentelemetry(folder: Path, variant: str) -> Running:
    sdk = importlib.import_module("opentelemetry.sdk.trace")
    export = importlib.import_module("opentelemetry.sdk.trace.export")
    processor = export.SimpleSpanProcessor if variant == "otel-simple" else export.BatchSpanProcessor
    file = open(folder / "spans.jsonl", "a", encoding="utf-8")  # noqa: SIM115 (open until the process is killed)
    provider = sdk.TracerProvider()
    exporter = export.ConsoleSpanExporter(out=file, formatter=lambda span: span.to_json(indent=None) + "\n")
    provider.add_span_processor(processor(exporter))
    tracer = provider.get_tracer(PROJECT)

    def span(number: int) -> None:
        tracer.start_span("step", attributes={"loss": number / 1_000, "step": number}).end()

    return Running(span, provider.shutdown)


def _count_opentelemetry(folder: Path) -> int:
    return sum(line.endswith(b"}\n") for line in (folder / "spans.jsonl").read_bytes().splitlines(keepends=True))
