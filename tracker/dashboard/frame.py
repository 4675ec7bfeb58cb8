"""What all pages share: the heading with its question, the snapshot they look at, cautions, charts and errors."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

import altair as alt
import streamlit as st

from tracker.dashboard import reads, state
from tracker.dashboard.empty import show_empty
from tracker.loops.snapshots import NoSnapshot, Snapshot
from tracker.loops.store import DatabaseError, StoreError
from tracker.reporting import text
from tracker.speedup import NotEstimable, WhatIf

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~:$&-])")


class PageEnds(Exception):
    """A page has said all it can; raised by `end_page`."""


def end_page() -> NoReturn:
    """Ends a page before its last line.

    Not `st.stop`: after it Streamlit takes no further element, and the links to the other pages come last.
    """
    raise PageEnds


@contextmanager
def plain_words() -> Iterator[None]:
    """Lets a page end early, and says in words what went wrong with the data, instead of showing a traceback."""
    try:
        yield
    except PageEnds:
        return
    except (NoSnapshot, StoreError, DatabaseError, OSError) as error:
        st.error(
            f"The numbers could not be read: {escape(str(error))}. Your records are not touched by this. "
            "Rebuild the numbers, then open the latest.",
            icon=":material/error:",
        )
        st.code("python -m tracker refresh", language="bash")
        _offer_latest()


def open_page(heading: str, question: str, would_show: str) -> Snapshot:
    """Shows the heading of a page and opens the snapshot it looks at; without one, shows the empty state and stops.

    Args:
        heading: Name of the page.
        question: The question it answers, in one sentence.
        would_show: What it would show, for when there is nothing.
    """
    st.title(heading, anchor=False)
    st.markdown(question)
    place = state.read_place()
    snapshot = _open_sample(would_show) if place.store == state.SAMPLE else _open_own(place, would_show)
    if snapshot.manifest.iterations == 0:
        show_empty(would_show, "No iteration has been recorded yet.")
        end_page()
    return snapshot


def show_headline(sentence: str) -> None:
    """Shows the sentence that sums the page up."""
    st.markdown(f"#### {escape(sentence)}")


def show_evidence(evidence: str, level: float | None = None) -> None:
    """Names the kind of evidence of the numbers above, and the level of their intervals."""
    of_interval = f", {text.format_level(level)}s" if level is not None else ""
    words = " ".join(text.describe_evidence(kind) for kind in evidence.split(", "))
    st.caption(f"Kind of evidence: **{evidence}**{of_interval}. {words}")


def show_scripted(counts: Sequence[Mapping[str, Any]]) -> None:
    """Says so where loops are driven by a program, on every screen that shows some."""
    scripted = sum(row["scripted_iterations"] for row in counts)
    n = sum(row["iterations"] for row in counts)
    if scripted:
        which = "" if scripted == n else f" ({text.format_count(scripted)} of {text.format_count(n, 'iteration')})"
        st.warning(f"**{text.SCRIPTED}**{which}", icon=":material/smart_toy:")


def show_result(question: str, result: WhatIf | NotEstimable) -> None:
    """Shows one estimate with all that must stand beside it, or why there is none."""
    if isinstance(result, NotEstimable):
        st.markdown(f"**{escape(question)}**")
        st.info(escape(text.format_reason(result)).capitalize(), icon=":material/block:")
        return
    shown = text.format_estimate(result)
    st.metric(question, shown)
    st.markdown(
        f"{escape(text.describe_estimate(result).removeprefix(f'{shown}, '))}. "
        f"Mix by seconds: {escape(text.format_mix(result.mix))}. "
        f"Recorded {text.format_seconds(result.baseline_seconds)}, with the change "
        f"{text.format_seconds(result.changed_seconds)}."
    )


def show_fact(question: str, result: WhatIf | NotEstimable) -> None:
    """Shows an estimate in one line."""
    st.markdown(f"{escape(question)}: **{escape(text.describe_estimate(result))}**")


def choose_row(
    table: Sequence[Mapping[str, str]], rows: Sequence[Mapping[str, Any]], choose: Callable[[Mapping[str, Any]], None]
) -> None:
    """Shows a list in which a row can be chosen; `choose` is called with that row."""
    # The key is that of the rows shown, so that another page of the list forgets the row chosen in this one.
    key = f"list-{rows[0]['iteration']}-{rows[-1]['iteration']}-{len(rows)}"

    def chosen() -> None:
        picked = st.session_state[key].selection.rows
        if picked:
            choose(rows[picked[0]])

    iteration, study = state.chosen_iteration(rows[0])
    marked = [at for at, row in enumerate(rows) if (row["iteration"], row["study"]) == (iteration, study)]
    st.dataframe(
        list(table),
        on_select=chosen,
        selection_mode="single-row",
        selection_default={"selection": {"rows": marked}},
        hide_index=True,
        height=320,
        key=key,
    )


def show_chart(chart: alt.TopLevelMixin) -> None:
    """Shows a chart as wide as the page, with its sentence above it as text, where it wraps and can be read aloud."""
    title = chart.title.text
    sentence = " ".join(title) if isinstance(title, list) else str(title)
    st.markdown(f"**{escape(sentence)}**")
    # Left to itself Streamlit squeezes axes and legend into the height that was meant for the plot alone.
    fitted = chart.properties(title="", autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    st.altair_chart(fitted, width="stretch", alt=sentence)


def show_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Shows rows of text as a table; what people typed stays what they typed."""
    st.table([{column: escape(str(cell)) for column, cell in row.items()} for row in rows], hide_index=True)


def show_cautions(cautions: Sequence[str]) -> None:
    """Lists what a reader must know before using the numbers above."""
    if cautions:
        st.markdown("**Cautions**\n\n" + "\n".join(f"- {escape(caution)}" for caution in cautions))


def regime_words(option: str) -> str:
    """Returns an option of the regime filter as readers know it."""
    return "all regimes" if option == state.ALL else text.format_regime(state.asked(option) or "")


def escape(words: str) -> str:
    """Returns words that Markdown shows as they are."""
    return _MARKDOWN.sub(r"\\\1", words)


def _open_sample(would_show: str) -> Snapshot:
    path = reads.sample_path()
    if path is None:
        st.warning("The recorded sample did not come with this installation: there is no data/ folder beside it.")
        _offer_latest("Look at your own loops")
        end_page()
    snapshot = reads.open_sample(path, path.stat().st_mtime_ns)
    note, back = st.columns([4, 1], vertical_alignment="center")
    note.info("**Recorded sample**: loops that came with this software, not yours.", icon=":material/science:")
    back.button("Back to your own", on_click=state.go_to, args=(state.Place(state.OWN, ""),), width="stretch")
    _show_snapshot(snapshot)
    return snapshot


def _open_own(place: state.Place, would_show: str) -> Snapshot:
    try:
        latest = reads.open_own("")
    except NoSnapshot:
        show_empty(would_show, "There are no numbers yet.")
        end_page()
    try:
        snapshot = reads.open_own(place.snapshot)
    except NoSnapshot:
        st.warning(
            f"Snapshot {escape(place.snapshot)} was removed, so what this link showed cannot be shown again. "
            "The latest has all that was recorded since.",
            icon=":material/link_off:",
        )
        _offer_latest()
        end_page()
    state.pin_snapshot(snapshot.manifest.snapshot)
    _show_snapshot(snapshot)
    if snapshot.manifest.snapshot != latest.manifest.snapshot:
        st.sidebar.info("There is a newer snapshot.", icon=":material/update:")
        _offer_latest(where=st.sidebar)
    return snapshot


def _show_snapshot(snapshot: Snapshot) -> None:
    manifest = snapshot.manifest
    st.sidebar.caption(
        f"{text.format_count(manifest.iterations, 'iteration')}, events up to "
        f"{text.format_instant(_instant(manifest.watermark))}\n\nsnapshot `{manifest.snapshot}`"
    )


def _offer_latest(label: str = "Open the latest", where: Any = st) -> None:
    where.button(label, type="primary", on_click=state.go_to, args=(state.Place(state.OWN, ""),))


def _instant(iso: str) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None
