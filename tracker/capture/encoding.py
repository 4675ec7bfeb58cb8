"""Values of the experiment as JSON fragments: cut to length, never raising, ASCII, no line feed.

Written out by hand because building each event as a dict and passing it to `json.dumps` costs as much as the write.
"""

from collections.abc import Iterable, Mapping

try:
    from _json import encode_basestring_ascii as _quote  # the C function alone: `import json` costs 4 ms
except ImportError:  # an interpreter without it
    from json.encoder import py_encode_basestring_ascii as _quote

# Cut at these lengths so that a 1 MB string handed in by mistake cannot fill a disk. In MLflow a tag holds 8,000
# characters, and JSON escapes can make one character six.
NAME_CHARACTERS = 250
REASON_CHARACTERS = 1_000
MOST_ITEMS = 50


def quote(value: object, limit_characters: int = NAME_CHARACTERS) -> str:
    """Returns `str(value)` as a JSON string; what is cut away is marked by an ellipsis."""
    text = value if type(value) is str else str(value)
    if len(text) > limit_characters:
        text = text[: limit_characters - 1] + "…"
    return str(_quote(text))


def encode_texts(values: Iterable[object]) -> str:
    """Returns a JSON array of strings, of the first 50 values."""
    return "[" + ",".join(quote(value) for value, _ in zip(values, range(MOST_ITEMS), strict=False)) + "]"


def encode_scalars(values: Mapping[str, object]) -> str:
    """Returns a JSON object; numbers, booleans and None as they are, everything else as text."""
    items = zip(values.items(), range(MOST_ITEMS), strict=False)
    return "{" + ",".join(f"{quote(key)}:{_scalar(value)}" for (key, value), _ in items) + "}"


def encode_arms(tools: Mapping[str, object]) -> str:
    """Returns the arms of tooling changes as a JSON object: True is `changed`, False `baseline`.

    Anything else is not an arm and is left out: not recorded is never baseline.
    """
    names = {True: '"changed"', False: '"baseline"'}
    arms = [f"{quote(name)}:{names[arm]}" for name, arm in tools.items() if isinstance(arm, bool)]
    return "{" + ",".join(arms) + "}"


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return str(int(value))
    if isinstance(value, float) and value - value == 0:  # neither infinite nor NaN, which JSON has no word for
        return repr(float(value))
    return quote(value)
