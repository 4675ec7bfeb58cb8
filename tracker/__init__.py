"""Loopgauge's hook: `import tracker` in an experiment records its iterations, phases, jobs and decision points.

Importing it loads the standard library alone, prints nothing and touches no file.
"""

from tracker.capture.hook import arm, decide, iteration, job, phase

__all__ = ["arm", "decide", "iteration", "job", "phase"]
__version__ = "0.1.0"
