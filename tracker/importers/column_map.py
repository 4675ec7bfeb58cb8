"""`--map FIELD=COLUMN`: what the columns of a table mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tracker.importers.columns import KNOWN
from tracker.importers.instants import UNITS

TEXTS = ("iteration", "study", "regime", "person", "name", "status", "device")
INSTANTS = ("enabled", "started", "ended")
GRAMMAR = (
    "iteration, study, regime, person, name, status, device; the instants enabled, started, ended; lengths, columns "
    "added up with +: seconds (minutes, hours, days, milliseconds), and of parts phase:NAME, job:NAME, queue "
    "(phase:NAME:minutes); forecast; tool.NAME; covariate and cluster, any number of each"
)


@dataclass(frozen=True)
class Length:
    """A length that columns add up to: of the whole `row`, of a `phase`, a `job` or the `queue`, or the `forecast`."""

    kind: str
    name: str
    columns: tuple[str, ...]
    unit_seconds: float


@dataclass(frozen=True)
class ColumnMap:
    """Which column holds what; fields that are not mapped are absent. `tools` are by their bare names."""

    texts: dict[str, str] = field(default_factory=dict)
    instants: dict[str, str] = field(default_factory=dict)
    whole: Length | None = None
    parts: tuple[Length, ...] = ()
    forecast: Length | None = None
    tools: dict[str, str] = field(default_factory=dict)
    covariates: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[str, ...]:
        """Returns the columns that are kept beside the spans, covariates and clusters, each once."""
        return tuple(dict.fromkeys([*self.covariates, *self.clusters]))


def parse_map(entries: Iterable[str], columns: Sequence[str]) -> ColumnMap:
    """Reads `FIELD=COLUMN` entries against the columns of a table, which are found in any case.

    Raises:
        ValueError: An entry names a field or a column that is not there, or the entries do not tell how long a row is.
    """
    texts: dict[str, str] = {}
    instants: dict[str, str] = {}
    lengths: list[Length] = []
    tools: dict[str, str] = {}
    kept: dict[str, list[str]] = {"covariate": [], "cluster": []}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if not equals or not value:
            raise ValueError(f"--map {entry!r} must be FIELD=COLUMN; fields are {GRAMMAR}")
        tool = name.removeprefix("tool.") if name.startswith("tool.") else ""
        if name in texts or name in instants or tool in tools:
            raise ValueError(f"{name} is mapped twice, the second time to {value!r}; say it once")
        if name in TEXTS:
            texts[name] = _column(value, columns)
        elif name in INSTANTS:
            instants[name] = _column(value, columns)
        elif name in kept:
            kept[name].append(_kept_column(_column(value, columns)))
        elif tool:
            tools[tool] = _column(value, columns)
        else:
            lengths.append(_length(name, value, columns))
    return _checked(texts, instants, lengths, tools, kept)


def _checked(
    texts: dict[str, str],
    instants: dict[str, str],
    lengths: list[Length],
    tools: dict[str, str],
    kept: dict[str, list[str]],
) -> ColumnMap:
    wholes = [length for length in lengths if length.kind == "row"]
    forecasts = [length for length in lengths if length.kind == "forecast"]
    parts = [length for length in lengths if length.kind not in ("row", "forecast")]
    if len(wholes) > 1 or len(forecasts) > 1:
        raise ValueError("the length of a row is mapped twice; add columns up in one entry: seconds=A+B")
    has_both = {"started", "ended"} <= set(instants)
    if wholes and (has_both or parts):
        raise ValueError("the length of a row is mapped beside its start and end, or its parts; say it once")
    if not (has_both or wholes or parts):
        raise ValueError("no entry tells how long a row is: map started and ended, or seconds, or parts (phase:NAME)")
    queues = [part for part in parts if part.kind == "queue"]
    if queues and (len(queues) > 1 or parts.index(queues[0]) + 1 == len(parts)):
        raise ValueError("queue must be mapped once, before the job that waited in it")
    return ColumnMap(
        texts=texts,
        instants=instants,
        whole=wholes[0] if wholes else None,
        parts=tuple(parts),
        forecast=forecasts[0] if forecasts else None,
        tools=tools,
        covariates=tuple(kept["covariate"]),
        clusters=tuple(kept["cluster"]),
    )


def _length(name: str, value: str, columns: Sequence[str]) -> Length:
    if name in UNITS:
        return Length("row", "", _columns(value, columns), UNITS[name])
    kind, _, rest = name.partition(":")
    if kind not in ("phase", "job", "queue", "forecast"):
        raise ValueError(f"--map has no field {name!r}; fields are {GRAMMAR}")
    label, _, unit = (rest if kind in ("phase", "job") else f":{rest}").partition(":")
    if unit and unit not in UNITS:
        raise ValueError(f"--map {name!r} counts in {unit!r}, must be one of {', '.join(UNITS)}")
    if kind in ("phase", "job") and not label:
        raise ValueError(f"--map {name!r} must name the {kind}: {kind}:NAME")
    return Length(kind, label, _columns(value, columns), UNITS[unit or "seconds"])


def _columns(value: str, columns: Sequence[str]) -> tuple[str, ...]:
    if _found(value, columns):
        return (_column(value, columns),)  # a column may have a plus in its name
    return tuple(_column(part, columns) for part in value.split("+"))


def _column(name: str, columns: Sequence[str]) -> str:
    found = _found(name, columns)
    if found is None:
        raise ValueError(f"the table has no column {name!r}; it has {', '.join(columns)}")
    return found


def _found(name: str, columns: Sequence[str]) -> str | None:
    if name in columns:
        return name
    return next((column for column in columns if column.lower() == name.lower()), None)


def _kept_column(name: str) -> str:
    if name.lower() in KNOWN or name.lower().startswith("tool."):
        raise ValueError(f"a covariate or cluster named {name!r} would hide that column of the spans table; rename it")
    return name
