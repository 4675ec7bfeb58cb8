"""Charts that are drawn once for all viewers: building one takes a twentieth of a second, mostly Altair's checks."""

import hashlib
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import altair as alt
import streamlit as st

# Left to itself Streamlit squeezes axes and legend into the height that was meant for the plot alone.
FITTED = {"type": "fit-x", "contains": "padding"}


@dataclass(frozen=True)
class Drawn:
    """A chart as Streamlit shows it.

    Attributes:
        sentence: What it says.
        spec_json: Its Vega-Lite specification, without the sentence as a title.
    """

    sentence: str
    spec_json: str

    def spec(self) -> dict[str, Any]:
        """A specification of one's own: Streamlit changes what it shows."""
        loaded: dict[str, Any] = json.loads(self.spec_json)
        return loaded


def draw(make: Callable[..., alt.TopLevelMixin], *rows: Any, **words: Any) -> Drawn:
    """Returns the chart that `make` makes of these arguments; made once as long as they hold the same."""
    digest = hashlib.sha256(pickle.dumps((rows, words))).hexdigest()
    return _drawn(f"{make.__module__}.{make.__qualname__}", digest, lambda: make(*rows, **words))


@st.cache_resource(max_entries=256, show_spinner=False)
def _drawn(name: str, digest: str, _make: Callable[[], alt.TopLevelMixin]) -> Drawn:
    spec = _make().to_dict(validate=False)  # a third of the time; the tests check every chart against the schema
    title = spec["title"]["text"] if isinstance(spec["title"], dict) else spec["title"]
    sentence = " ".join(title) if isinstance(title, list) else str(title)
    spec.get("config", {}).pop("view", None)  # a width and a height that Altair adds unasked
    return Drawn(sentence, json.dumps(spec | {"title": "", "autosize": FITTED}))
