"""Every field that leaves this machine for an iteration: what MLflow is told, and nothing besides."""

from dataclasses import dataclass

from tracker.capture.spans import RecordedIteration
from tracker.shipping.record import RunRecord, digest_of, iteration_record, job_records, storable


@dataclass(frozen=True)
class Outgoing:
    """One iteration as it goes to MLflow: its experiment, its run and a child run per job.

    The experiment also bears `tracker.store`, a random token, and a run that was corrected after its end
    `tracker.revision`, which the store counts.
    """

    experiment: str
    run: RunRecord
    jobs: list[RunRecord]


def outgoing(iteration: RecordedIteration) -> Outgoing:
    """Returns everything that the shipper writes about an iteration."""
    run, jobs = iteration_record(iteration), job_records(iteration)
    run.tags["tracker.digest"] = digest_of(iteration_record(iteration), *jobs.values())
    for job in jobs.values():
        job.tags["tracker.digest"] = digest_of(job)
        job.tags["mlflow.parentRunId"] = "(the run above)"
    return Outgoing(storable(iteration.study), run, list(jobs.values()))
