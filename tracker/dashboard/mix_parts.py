"""Parts of the Toy and real page: which two kinds of work stand against each other, at which share, and their loops."""

from collections.abc import Sequence

import streamlit as st

from tracker.dashboard import frame, state
from tracker.reporting import mix_rows, text
from tracker.reporting.claims import TOY_AND_REAL
from tracker.speedup import Mix, NotEstimable

Pair = tuple[str, str]


def choose_pair(kinds: Sequence[str]) -> Pair | None:
    """Returns the two kinds of work to compare: the only two, or of several those that are chosen; None of fewer."""
    if len(kinds) < 3:
        return (kinds[0], kinds[1]) if len(kinds) == 2 else None
    named = {kind or state.UNLABELLED: kind for kind in kinds}
    left, right = st.columns(2)
    with left:
        first = named[state.select("One kind of work", "first", list(named), words=frame.regime_words)]
    with right:
        others = [name for name, kind in named.items() if kind != first]
        second = named[state.select("Against", "second", others, words=frame.regime_words)]
    return first, second


def choose_share(pair: Pair | None) -> float:
    """Returns the share of the second kind of work that is marked on the curve."""
    of = text.format_regime((pair or TOY_AND_REAL)[1])
    return state.slide(f"Share of work on {of}", "share", 0.0, 1.0, 0.5, step=0.1, format="percent")


def show_lengths(found: Mix | NotEstimable) -> None:
    """Takes apart by how much the loops themselves differ in length, whatever a tool would do."""
    st.subheader("Why their loops take differently long", anchor=False)
    if isinstance(found, NotEstimable):
        frame.show_reason(found)
        return
    gap = found.gap
    if isinstance(gap, NotEstimable):
        frame.show_reason(gap)
        return
    st.markdown(f"**{frame.escape(mix_rows.gap_sentence(gap))}**")
    frame.show_evidence(found.evidence, level=found.level)
    frame.show_table(mix_rows.effect_table(gap))
    frame.show_as_table("What each part of the loop adds to the length", mix_rows.category_table(gap))
    frame.show_cautions(gap.sign_disagreements)
