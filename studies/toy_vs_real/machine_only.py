"""The machine's time alone: what the machine's tools do to it together, by replay, without any human minute."""

from collections.abc import Sequence

from studies.toy_vs_real.arms import BASELINE, TOOLS
from studies.toy_vs_real.effects import Effect
from studies.toy_vs_real.estimates import CENTRE_DRAW
from studies.toy_vs_real.loops import machine_rows
from studies.toy_vs_real.recorded import Turn
from studies.toy_vs_real.tools import machine_changes
from tracker.speedup import NotEstimable, replay_graph, what_if


def machine_speedup(turns: Sequence[Turn], effects: Sequence[Effect], study: str) -> float | None:
    """Total machine seconds of a study's baseline iterations over those with its tools.

    None where there are too few to replay.
    """
    mine = [turn for turn in turns if turn.study == study and turn.arm == BASELINE]
    changes = [
        change for tool in TOOLS[study] for change in machine_changes(effects, study, tool, CENTRE_DRAW, short=True)
    ]
    spans = machine_rows(mine)
    changes = [change for change in changes if change.target.name in spans["name"]]
    told = what_if(replay_graph(spans), changes, draws=100, rng=0)
    return None if isinstance(told, NotEstimable) else told.speedup
