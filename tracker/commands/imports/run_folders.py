"""`import wandb` and `import tensorboard`: when runs started and ended, and nothing else of them."""

import argparse
from pathlib import Path
from typing import Any

from tracker.commands.imports.bursts import add_burst_arguments, burst_rule, reading_of
from tracker.commands.imports.taking_in import Reading, take_in
from tracker.importers import tensorboard_runs, wandb_runs
from tracker.importers.cleaning import clean_text
from tracker.importers.drafts import Draft
from tracker.importers.jobs import step_table
from tracker.importers.meter import Meter
from tracker.importers.people import Pseudonyms
from tracker.importers.run_folders import read_run_files, run_files
from tracker.importers.sources import file_source

SUMMARY = "when runs started and ended, from the folder that holds their files"
EXAMPLE = "import wandb wandb/ --work-hours 9-18"
EXAMPLE_TENSORBOARD = "import tensorboard runs/ --study sae-toy"
READERS: dict[str, Any] = {"wandb": wandb_runs, "tensorboard": tensorboard_runs}
SAID = {
    "wandb": "a run without an exit record was killed, at the last instant that its file tells of",
    "tensorboard": "an event file is a job that ended with its last event: it tells of no failure",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="DIR", help="the folder; those below it are looked into")
    parser.add_argument("--study", default="", help="of all runs; W&B's own project, or the folder's name, by default")
    parser.add_argument("--regime", default="", help="of all runs: toy, real or a label of yours")
    parser.add_argument("--person", default="", help="whose runs they are; the files do not say")
    add_burst_arguments(parser, timezone="local", times="the working hours")


def run(options: argparse.Namespace) -> int:
    kind = options.kind_of_source
    reader = READERS[kind]
    files = run_files(options.path, reader.PATTERN)
    rule = burst_rule(options, kind)
    study = options.study or (options.path.resolve().name if kind == "tensorboard" else "")
    same = {"regime": clean_text(options.regime)} | ({"study": clean_text(study)} if study else {})
    source = file_source(kind, options.path, (same, rule, options.person, options.me), files)

    def read(draft: Draft, meter: Meter) -> Reading:
        of_all = same | {"person": Pseudonyms(options.home, options.me).of(options.person)}
        jobs = read_run_files(options.path, files, reader.read_run, of_all, draft, meter)
        return reading_of(jobs, step_table(), len(files), rule, [SAID[kind]])

    return take_in(options, source, read)
