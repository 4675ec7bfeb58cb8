"""Loopgauge's hook: `import tracker` in an experiment records its iterations, phases, jobs and decision points.

Importing it loads the standard library alone, prints nothing and touches no file.
"""

from tracker.capture.hook import arm, decide, iteration, job, phase


def load_ipython_extension(shell: object) -> None:
    """`%load_ext tracker`: records the notebook's cells."""
    from tracker.capture.integrations.ipython import load

    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext tracker`: ends that."""
    from tracker.capture.integrations.ipython import unload

    unload(shell)


__all__ = ["arm", "decide", "iteration", "job", "phase"]
__version__ = "0.1.0"
