"""`import sacct`: Slurm's own record of past jobs."""

import argparse
from pathlib import Path

from tracker.commands.imports.bursts import add_burst_arguments, burst_rule, reading_of
from tracker.commands.imports.taking_in import Reading, take_in
from tracker.importers.drafts import Draft
from tracker.importers.instants import Zone
from tracker.importers.meter import Meter
from tracker.importers.people import Pseudonyms
from tracker.importers.sacct import read_sacct
from tracker.importers.sacct_rows import SacctSettings
from tracker.importers.sources import file_source

SUMMARY = "past jobs of Slurm: saved output of `sacct --parsable2 --duplicates`"
EXAMPLE = "import sacct jobs.txt --timezone Europe/Berlin --study sae-small-lm"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE", help="what sacct printed, its first line included")
    parser.add_argument("--study", default="", help="of all jobs; else the field that --study-by names")
    parser.add_argument("--study-by", default="Account", metavar="FIELD", help="Account, Partition, JobName, …")
    parser.add_argument("--regime", default="", help="of all jobs: toy, real or a label of yours")
    parser.add_argument(
        "--enabled", choices=("eligible", "submit"), default="eligible", help="from when on a job waits in the queue"
    )
    parser.add_argument("--separator", default="|", help="between fields")
    add_burst_arguments(parser, timezone="local", times="the file's times that name none")


def run(options: argparse.Namespace) -> int:
    if not options.path.is_file():
        raise ValueError(f"no file at {options.path}")
    zone = Zone(options.timezone)
    settings = SacctSettings(zone, options.enabled, options.study, options.study_by, options.regime)
    rule = burst_rule(options, "sacct")
    source = file_source("sacct", options.path, (settings, rule, options.separator, options.me))

    def read(draft: Draft, meter: Meter) -> Reading:
        people = Pseudonyms(options.home, options.me)
        history = read_sacct(options.path, options.separator, settings, people, draft, meter)
        said = f"times that name no zone are {rule.zone}; a job waits from when it is {options.enabled} on"
        return reading_of(history.jobs, history.steps, history.lines, rule, [said])

    return take_in(options, source, read)
