"""What all pages share: the heading with its question, the snapshot they look at, cautions, charts and errors."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import altair as alt
import streamlit as st

from tracker.dashboard import html_tables, reads, state, whose
from tracker.dashboard.drawn import draw
from tracker.dashboard.empty import show_empty
from tracker.loops.snapshots import NoSnapshot, Snapshot
from tracker.loops.store import DatabaseError, StoreError
from tracker.reporting import text
from tracker.reporting.whose import NobodysToShow
from tracker.speedup import NotEstimable, WhatIf

LOOKED_AT = "snapshot_of_the_page"
NOTES = "notes_of_the_page"
ELSEWHERE = "choices_made_beside_the_list"
LONGEST_VALUE = 60
PAGES = Path(__file__).with_name("pages")
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
    except ValueError as error:
        # An estimator refuses what it is asked: said in its words here, and where from in the server's log.
        logging.getLogger(__name__).warning("a page cannot answer what it is asked", exc_info=error)
        st.error(
            f"This view asks for something that cannot be worked out: {escape(str(error))}. Your records are not "
            "touched by this. Choose something else above, or open the page as it first is.",
            icon=":material/error:",
        )
        st.button("Open the page as it first is", type="primary", on_click=state.forget_view)


def open_page(heading: str, question: str, would_show: str) -> Snapshot:
    """Shows the heading of a page and opens the snapshot it looks at; without one, shows the empty state and stops.

    Args:
        heading: Name of the page.
        question: The question it answers, in one sentence.
        would_show: What it would show, for when there is nothing.
    """
    st.session_state[LOOKED_AT] = None
    st.title(heading, anchor=False)
    st.markdown(question)
    st.session_state[NOTES] = st.empty()  # filled when the page is done: only then is it known what was misread
    place = state.read_place()
    snapshot = _open_sample(would_show) if place.store == state.SAMPLE else _open_own(place, would_show)
    if snapshot.manifest.iterations == 0:
        show_empty(would_show, "No iteration has been recorded yet.")
        end_page()
    st.session_state[LOOKED_AT] = snapshot
    return snapshot


def show_misread() -> None:
    """Says at the top of the page what of the link was not understood, and what is shown instead."""
    found, place = state.misread(), st.session_state.get(NOTES)
    if found and place is not None:
        lines = "\n".join(f"- {_misread(one)}" for one in found)
        place.warning(f"Not all of this link was understood:\n\n{lines}", icon=":material/link_off:")


def _misread(one: state.Misread) -> str:
    name, value = (escape(text.format_name(words, LONGEST_VALUE)) for words in (one.name, one.value))
    instead = f"Shown instead: **{escape(one.instead)}**." if one.instead else "It is left out."
    return f"**{name}** = “{value}” {escape(one.why)}. {instead}"


def looked_at() -> Snapshot | None:
    """Returns the snapshot that the page has opened; None where there was none to open."""
    found: Snapshot | None = st.session_state.get(LOOKED_AT)
    return found


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
        show_reason(result)
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
    table: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, Any]],
    choose: Callable[[Mapping[str, Any]], None],
    *,
    shown: tuple[str, str],
) -> None:
    """Shows a list in which an iteration can be chosen.

    Args:
        table: The rows as text.
        rows: With `iteration` and `study`.
        choose: Called with the row that was chosen.
        shown: Id and study of the iteration that is shown, whose row is marked.
    """
    # The key is that of the rows shown, so that another page of the list forgets the row chosen in this one; and it
    # counts what was chosen elsewhere, so that this list does not go on marking what is no longer shown.
    key = f"list-{rows[0]['iteration']}-{rows[-1]['iteration']}-{len(rows)}-{st.session_state.setdefault(ELSEWHERE, 0)}"

    def chosen() -> None:
        picked = st.session_state[key].selection.rows
        if picked:
            choose(rows[picked[0]])

    marked = [at for at, row in enumerate(rows) if (row["iteration"], row["study"]) == shown][:1]
    st.dataframe(
        list(table),
        on_select=chosen,
        selection_mode="single-row",
        selection_default={"selection": {"rows": marked}},
        hide_index=True,
        height=320,
        key=key,
    )


def choose_one(
    label: str,
    words: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    choose: Callable[[Mapping[str, Any]], None],
    *,
    name: str,
) -> None:
    """Shows a box in which an iteration can be chosen, beside the list of `choose_row`.

    A second list would make the page slower to come.

    Args:
        label: Stands above it.
        words: What each row is called.
        rows: With `iteration` and `study`.
        choose: Called with the row that was chosen.
        name: Of the box among those of the page.
    """

    def chosen() -> None:
        place = st.session_state[name]
        if place is not None:
            st.session_state[ELSEWHERE] = st.session_state.get(ELSEWHERE, 0) + 1
            choose(rows[place])
            st.session_state[name] = None  # so that the same can be chosen again

    st.selectbox(
        label, range(len(rows)), index=None, placeholder="choose one", format_func=words.__getitem__, key=name,
        on_change=chosen,
    )  # fmt: skip


def show_chart(make: Callable[..., alt.TopLevelMixin], *rows: Any, **words: Any) -> None:
    """Shows the chart that `make` makes of these arguments, with its sentence above it, where it can be read aloud."""
    drawn = draw(make, *rows, **words)
    st.markdown(f"**{escape(drawn.sentence)}**")
    st.vega_lite_chart(drawn.spec(), width="stretch", alt=drawn.sentence)


def show_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Shows rows of text as a table; what people typed stays what they typed."""
    st.html(html_tables.render(rows))


def show_as_table(label: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Shows the table of a chart, folded away until somebody wants it."""
    with st.expander(label):
        show_table(rows)


def show_reason(result: NotEstimable) -> None:
    """Shows why something cannot be estimated, and what would make it estimable."""
    reason = text.format_reason(result)
    st.info(with_code(f"{reason[0].upper()}{reason[1:]}"), icon=":material/block:")


def lead_to(page: str, label: str, parameters: Mapping[str, str], icon: str) -> None:
    """Shows a link to another page that takes this view along, with more parameters."""
    st.page_link(PAGES / page, label=label, icon=icon, query_params={**state.carried(), **parameters})


def show_cautions(cautions: Sequence[str]) -> None:
    """Lists what a reader must know before using the numbers above."""
    if cautions:
        st.markdown("**Cautions**\n\n" + "\n".join(f"- {with_code(caution)}" for caution in cautions))


def regime_words(option: str) -> str:
    """Returns an option of the regime filter as readers know it."""
    return "all regimes" if option == state.ALL else text.format_regime(state.asked(option) or "")


def escape(words: str) -> str:
    """Returns words that Markdown shows as they are."""
    return _MARKDOWN.sub(r"\\\1", words)


def with_code(words: str) -> str:
    """The same, but for what stands between two backticks in one line, which is set as code."""
    parts = words.split("`")
    if len(parts) % 2 == 0 or not all(part and "\n" not in part for part in parts[1::2]):
        return escape(words)
    return "".join(f"`{part}`" if number % 2 else escape(part) for number, part in enumerate(parts))


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
    whose.pass_over("the recorded sample is of a program, and of nobody")
    _show_snapshot(snapshot, snapshot)
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
    try:
        part = whose.choose(snapshot)
    except NobodysToShow as reason:
        st.info(f"{reason} {would_show}", icon=":material/group_off:")
        end_page()
    _show_snapshot(snapshot, part)
    if snapshot.manifest.snapshot != latest.manifest.snapshot:
        st.sidebar.info("There is a newer snapshot.", icon=":material/update:")
        _offer_latest(where=st.sidebar)
    return part


def _show_snapshot(snapshot: Snapshot, part: Snapshot) -> None:
    manifest, n = part.manifest, text.format_count(part.manifest.iterations, "iteration")
    of = "" if part is snapshot else f" of {text.format_count(snapshot.manifest.iterations)}"
    st.sidebar.caption(
        f"{n}{of}, events up to {text.format_instant(_instant(manifest.watermark))}\n\n"
        f"snapshot `{snapshot.manifest.snapshot}`"
    )


def _offer_latest(label: str = "Open the latest", where: Any = st) -> None:
    where.button(label, type="primary", on_click=state.go_to, args=(state.Place(state.OWN, ""),))


def _instant(iso: str) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None
