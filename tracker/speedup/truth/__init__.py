"""Loops whose answer is known: a generator that takes the true speedup, or the true changes, as an argument.

    from tracker.speedup.truth import generate_loops

    loops = generate_loops("autocorrelated_03", n=40, speedup=1.3, rng=0)
    loops.table()             # a spans table, what `what_if` and `measure` read
    loops.oracle_speedup()    # what the same loops would have gained, told by whoever knows their structure

Everything an estimate is checked against comes from here, so the generator shares no code with the estimators: it turns
durations into instants by walking through the loop, not by replaying a graph.
"""

from __future__ import annotations

from tracker.speedup.truth.generate import generate_loops, population_speedup
from tracker.speedup.truth.known_loops import KnownLoops
from tracker.speedup.truth.settings import NAMED_SETTINGS, GeneratorSettings

__all__ = ["NAMED_SETTINGS", "GeneratorSettings", "KnownLoops", "generate_loops", "population_speedup"]
