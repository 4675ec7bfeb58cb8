"""Why toy and real gain differently: the gap split into job length, decision points, murkiness, and the rest.

v is the share of a loop's seconds that the bundle saves, 1 - 1/speedup. It is a function of three levels of the loops
(mean job length J, mean decision points of an iteration D, share of murky ones M) and of everything else about the
work (R: how many jobs a sweep has, and what the tools find to do in it). Kitagawa (1955) standardises two factors; for
four the symmetric form is Das Gupta's (1993, Standardization and Decomposition of Rates, chapter 2): a factor's effect
is the change of v when it alone goes from toy to real, averaged over the orders in which the factors could be changed.
The four effects add up to v(real) - v(toy) exactly. Each of the sixteen v is a replay of one regime's loops (that gives
R) with J, D and M moved to the level of either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from studies.toy_vs_real.estimates import CENTRE_DRAW, Distribution, Loops, replay, shapley
from studies.toy_vs_real.loops import FACTORS, Levels
from studies.toy_vs_real.scenario import Draw

REST = "rest"
EFFECTS = (*FACTORS, REST)


@dataclass(frozen=True)
class Split:
    """The gap real - toy in the share of seconds saved.

    Attributes:
        toy, real: the shares saved.
        effects: from factor (and `rest`) to its part of the gap; they add up to it in every draw.
        levels: of either regime, at the centre.
    """

    toy: Distribution
    real: Distribution
    gap: Distribution
    effects: dict[str, Distribution]
    levels: dict[str, Levels]


def split_gap(toy: Loops, real: Loops, draws: Sequence[Draw], on: Collection[str]) -> Split:
    """At the centre and in every draw.

    Raises:
        AssertionError: the parts of a draw do not add up to its gap.
    """
    centre, rest = _split(toy, real, CENTRE_DRAW, on), [_split(toy, real, draw, on) for draw in draws]

    def over(name: str) -> Distribution:
        return Distribution(centre[name], np.array([one[name] for one in rest]))

    return Split(
        toy=over("toy"),
        real=over("real"),
        gap=over("gap"),
        effects={name: over(name) for name in EFFECTS},
        levels={"toy": toy.levels(CENTRE_DRAW), "real": real.levels(CENTRE_DRAW)},
    )


def _split(toy: Loops, real: Loops, draw: Draw, on: Collection[str]) -> dict[str, float]:
    levels = (toy.levels(draw), real.levels(draw))
    worth: dict[frozenset[str], float] = {}
    for sides in product((0, 1), repeat=len(EFFECTS)):
        at_real = frozenset(name for name, side in zip(EFFECTS, sides, strict=True) if side)
        mixed = Levels(**{name: getattr(levels[side], name) for name, side in zip(FACTORS, sides[:-1], strict=True)})
        loops, own = (real, levels[1]) if sides[-1] else (toy, levels[0])
        worth[at_real] = replay(loops, draw, on, None if mixed == own else mixed).saved_fraction
    effects = shapley(worth, EFFECTS)
    at_toy, at_real = worth[frozenset()], worth[frozenset(EFFECTS)]
    missing = at_real - at_toy - sum(effects.values())
    assert abs(missing) < 1e-9, f"the parts miss the gap by {missing:g}"
    return {"toy": at_toy, "real": at_real, "gap": at_real - at_toy, **effects}
