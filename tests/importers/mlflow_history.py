"""A history that a team might have in MLflow: sweeps, children, a zombie, a deleted run, runs that the hook made."""

from mlflow import MlflowClient

# Monday 2026-03-02 12:00 UTC.
NOON_MS = 1_772_452_800_000


def fill(uri):
    """Writes the history by MLflow's own client; times are minutes after noon."""
    client = MlflowClient(tracking_uri=uri)
    sae = client.create_experiment("sae")
    toy = client.create_experiment("toy")
    runs = {}

    def run(name, started, ended, *, experiment=sae, status="FINISHED", user="ann", parent=None, **tags):
        tags = {"mlflow.user": user, **({"mlflow.parentRunId": runs[parent]} if parent else {}), **tags}
        made = client.create_run(experiment, start_time=NOON_MS + started * 60_000, run_name=name, tags=tags)
        runs[name] = made.info.run_id
        if ended is not None:
            client.set_terminated(made.info.run_id, status, end_time=NOON_MS + ended * 60_000)
        return made.info.run_id

    # Three runs one after the other, twenty minutes of reading, and a fourth that failed.
    run("a", 0, 10)
    run("b", 10, 20)
    run("c", 20, 30)
    run("d", 50, 60, status="FAILED")
    # A parent with two children, much later.
    run("sweep", 300, 400)
    run("s1", 300, 340, parent="sweep")
    run("s2", 360, 400, parent="sweep")
    # Killed with its machine: MLflow says RUNNING for ever. Its last metric tells when.
    zombie = run("zombie", 500, None)
    client.log_metric(zombie, "loss", 0.5, timestamp=NOON_MS + 510 * 60_000)
    # Two days later: one that still runs, and one of somebody else's in another experiment at the same time.
    run("alive", 3_000, None)
    run("other", 3_000, 3_005, experiment=toy, user="bob")
    # What is not history: the hook's own runs with their jobs, a run inside an iteration, a deleted one.
    run("ours", 100, 110, **{"tracker.iteration": "019c"})
    run("our job", 100, 110, parent="ours", **{"tracker.span": "1"})
    run("a child of our job", 100, 110, parent="our job")
    client.delete_run(run("deleted", 120, 130))
    return runs
