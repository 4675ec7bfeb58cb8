"""Values of the experiment as JSON fragments: cut to length, ASCII, no line feed.

Written out by hand because building each event as a dict and passing it to `json.dumps` costs as much as the write.
"""

from __future__ import annotations

from itertools import islice

from tracker.capture.answers import Answers
from tracker.capture.secret_values import REFUSED, is_secret

try:
    from _json import encode_basestring_ascii as _quote  # the C function alone: `import json` costs 4 ms
except ImportError:  # an interpreter without it
    from json.encoder import py_encode_basestring_ascii as _quote

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# Cut at these lengths so that a 1 MB string handed in by mistake cannot fill a disk. In MLflow a tag holds 8,000
# characters, and JSON escapes can make one character six.
NAME_CHARACTERS = 250
REASON_CHARACTERS = 1_000
MOST_ITEMS = 50

_ARMS = ("changed", "baseline")
_LEAST, _MOST = -(2**63), 2**63  # what a reader with 64 bits takes

_CONTAINERS = (list, tuple, set, frozenset, dict, bytes, bytearray, memoryview)


def quote(value: object, limit_characters: int = NAME_CHARACTERS) -> str:
    """Returns `value` as a JSON string; what is cut away is marked by an ellipsis."""
    text = value if type(value) is str else text_of(value)
    if len(text) > limit_characters:
        text = text[: limit_characters - 1] + "…"
    return _quote(text)


def name_and_device(name: object, device: object) -> str:
    """Returns what is executed, and where unless that is None, as two fields of a JSON object."""
    if type(name) is str and (device is None or type(device) is str):  # what is equal to a text may read otherwise
        return _known_pair((name, device)) or _pairs[name, device]
    return _as_fields((name, device))


def _as_fields(pair: tuple[object, object]) -> str:
    name, device = pair
    return f'"name":{quote(name)}' if device is None else f'"name":{quote(name)},"device":{quote(device)}'


_pairs = Answers(_as_fields)
_known_pair = _pairs.get  # quicker than the subscript of a dict that can answer what it does not hold


def text_of(value: object) -> str:
    """Returns what `value` reads as; of an array, a container or what cannot be read, the name of its type.

    The text of a tensor is its values, and reading them would wait for the GPU.
    """
    kind = type(value)
    if hasattr(kind, "__dlpack__") or isinstance(value, _CONTAINERS) or hasattr(kind, "__dataclass_fields__"):
        return f"({kind.__name__})"
    try:
        # A plain str, also of a subclass that answers with itself and cuts in its own way.
        return str.__getitem__(str(value), slice(REASON_CHARACTERS + 1))
    except Exception:  # the value's own method failed; which experiment it came from is still worth knowing
        return f"({kind.__name__})"


def encode_texts(values: Iterable[object]) -> str:
    """Returns a JSON array of strings, of the first 50 values."""
    return "[" + ",".join([quote(value) for value in islice(values, MOST_ITEMS)]) + "]"


def encode_scalars(values: Mapping[str, object]) -> str:
    """Returns a JSON object; numbers, booleans and None as they are, all else as text; likely secrets are refused."""
    text, items = "", values.items()
    for key, value in items if len(values) <= MOST_ITEMS else islice(items, MOST_ITEMS):
        if (
            type(value) is int
            and type(key) is str
            and _LEAST <= value < _MOST
            and (head := _known_head(key) or _heads[key])
        ):
            text = f"{text}{head}{value}"
        else:
            text = f"{text},{quote(key)}:{_setting(key, value)}"
    return f"{{{text[1:]}}}"


def _head_of_plain_key(key: str) -> str:
    """Returns how a number under this key begins in JSON; empty where the key names a secret, and refuses any."""
    return "" if is_secret(key, 0) else f",{quote(key)}:"


_heads = Answers(_head_of_plain_key)
_known_head = _heads.get


def encode_arms(tools: Mapping[str, object], report: Callable[[Exception], None]) -> str:
    """Returns the arms of tooling changes as a JSON object: `changed` where it is said or True, `baseline` where False.

    None says nothing. Anything else is reported and left out, alone: not recorded is never baseline.
    """
    arms = []
    for name, arm in tools.items():
        if isinstance(arm, bool):
            arms.append(f'{quote(name)}:"{"changed" if arm else "baseline"}"')
        elif isinstance(arm, str) and arm in _ARMS:
            arms.append(f"{quote(name)}:{quote(arm)}")
        elif arm is not None:
            said = f"tools[{quote(name)}] == {quote(arm)} ({type(arm).__name__})"  # NumPy's True is no True
            report(ValueError(f"{said}, must be True or 'changed', False or 'baseline'"))
    return "{" + ",".join(arms) + "}"


def _setting(key: object, value: object) -> str:
    return quote(REFUSED) if is_secret(key if type(key) is str else text_of(key), value) else _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and _LEAST <= value < _MOST:
        return str(int(value))
    if isinstance(value, float) and value - value == 0:  # neither infinite nor NaN, which JSON has no word for
        return repr(float(value))
    return quote(value)
