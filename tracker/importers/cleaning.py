"""Text from elsewhere, made fit to be kept: no NUL, no half characters, no end."""

import hashlib
from typing import Any

# A name is a label in a list; what is longer is a payload that somebody put there.
MOST_NAME_CHARACTERS = 500
MOST_CHARACTERS = 8_000


def clean_text(value: Any, most: int = MOST_NAME_CHARACTERS) -> str:
    """Returns a value as text that Parquet, CSV and UTF-8 can hold; None is empty, what is too long ends in `…`."""
    if value is None:
        return ""
    text = str(value).replace("\0", "␀").encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= most else f"{text[: most - 1]}…"


def short_digest(*parts: str) -> str:
    """Returns 16 hex digits that stand for the parts: the same parts give the same id in every import."""
    encoded = "\0".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(encoded).hexdigest()[:16]
