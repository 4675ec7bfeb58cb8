"""One colour per word, the same on every chart, told apart by colour-blind readers, on white and on black.

Okabe and Ito's palette, with its yellow (lost on white) and black (lost on black) replaced. Colour never stands alone:
charts write the name on the mark, in the lane or in the table beside them.
"""

import zlib

LINE = "#7c7c7c"  # grey with at least 4:1 on white and on near-black: outlines, rules and labels outside marks
FOCUS = "#0072B2"

_WORDS = {
    "think": "#0072B2",
    "implement": "#E69F00",
    "launch": "#882255",
    "evaluate": "#009E73",
    "decide": "#CC79A7",
    "queue": "#56B4E9",
    "unattributed": "#A6A6A6",
}
_MACHINE = {
    "train": "#D55E00",
    "load": "#F0A07A",
    "compile": "#C2A5CF",
    "steady": "#A34700",
    "other": "#B8B8B8",
}
_JOBS = ("#B5651D", "#E8837E", "#8C564B", "#C96F53", "#BC8F5F")
_OWN_PHASES = ("#44AA99", "#6699CC", "#999933", "#AA4499", "#117733", "#DDCC77")


def colour_of(kind: str, name: str) -> str:
    """Returns the colour of a phase, job, stage, queue or `unattributed`; a name of one's own keeps its colour.

    Args:
        kind: `phase`, `job`, `stage`, `queue` or `unattributed`.
        name: The name of the phase, job or stage.
    """
    if kind in ("job", "stage"):
        return _MACHINE.get(name) or _pick(_JOBS, name)
    word = name if kind == "phase" else kind
    return _WORDS.get(word) or _pick(_OWN_PHASES, word)


def colour_of_part(part: str, name: str) -> str:
    """Returns the colour of a part of elapsed time: waiting has its job's, overlapped its phase's in a paler tone."""
    if part == "unattributed" or (part == "waiting" and name == "queue"):
        return colour_of(name or part, "")
    if part == "overlapped":
        return _paler(colour_of("phase", name))
    return colour_of("job" if part == "waiting" else "phase", name)


def ink_on(colour: str) -> str:
    """Returns black or white, whichever reads better on a fill (WCAG 2 relative luminance)."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _paler(colour: str) -> str:
    return "#" + "".join(f"{(channel + 255) // 2:02x}" for channel in _channels(colour))


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _pick(palette: tuple[str, ...], name: str) -> str:
    # The hash of the text, not Python's, which differs from one process to the next.
    return palette[zlib.crc32(name.encode()) % len(palette)]
