"""Which signs the fonts that come with Typst can draw, and how the others are written so that they can be read.

The fonts have Latin, Greek, Cyrillic, Hebrew, Arabic and a few more scripts, but no Chinese, Japanese, Korean or Thai
and no emoji; such a sign would be an empty box. Which they are is asked of Typst itself: it draws each sign, and one
that no font has looks like a sign that none can have.
"""

import json
import re
from collections.abc import Iterable

import typst

NOBODY_HAS = "\U0010fffd"  # of a plane for private use
ROW_POINTS = 20
# The first row begins one row down: what stands at the origin is not said to be moved there.
SOURCE = f"""
#let signs = json(bytes(sys.inputs.signs))
#set page(width: 100pt, height: {ROW_POINTS}pt * (signs.len() + 1), margin: 0pt)
#set text(font: sys.inputs.font, size: 10pt)
#for (row, sign) in signs.enumerate() {{ place(dy: {ROW_POINTS}pt * (row + 1), box(height: {ROW_POINTS}pt, sign)) }}
""".encode()
_DRAWN = re.compile(r'<g transform="translate\([\d.]+ ([\d.]+)\)"><g transform="matrix[^"]*"><use xlink:href="#(\w+)"')
_LATIN = "\u024f"  # the last of Latin Extended-B, all of which the fonts have


def undrawable(words: Iterable[str], font: str) -> frozenset[str]:
    """Returns the signs in these words that neither a font nor its fallbacks have."""
    asked = sorted({sign for each in words for sign in each if sign > _LATIN})
    if not asked:
        return frozenset()
    signs = [NOBODY_HAS, *asked]
    inputs = {"signs": json.dumps(signs), "font": font}
    drawn = typst.compile(SOURCE, format="svg", ignore_system_fonts=True, sys_inputs=inputs)
    assert isinstance(drawn, bytes)
    glyphs = [(round(float(y) / ROW_POINTS) - 1, glyph) for y, glyph in _DRAWN.findall(drawn.decode())]
    box = next(glyph for row, glyph in glyphs if row == 0)
    return frozenset(signs[row] for row, glyph in glyphs if row and glyph == box)


def spelled(words: str, signs: frozenset[str]) -> str:
    """Returns words in which each of these signs is written by its number: `U+4E2D U+6587`, in brackets."""
    if not signs:
        return words
    runs = re.compile(f"[{re.escape(''.join(sorted(signs)))}]+")
    return runs.sub(lambda run: f"[{' '.join(f'U+{ord(sign):04X}' for sign in run[0])}]", words)
