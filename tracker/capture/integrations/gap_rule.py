"""The rule by which time between jobs counts as a person at work: how long a gap may be, and when people work.

Its values come from `TRACKER_GAPS`, from the table `[gaps]` of `rules.toml` in the home folder, or from here, in this
order, and are recorded on each iteration whose phases are inferred, so that a reader sees what was assumed:

    TRACKER_GAPS="longest_hours=1 shortest_seconds=10 work_days=Mon-Sat work_hours=8-18" python -m tracker run -- make

Nobody is watched to find out: no keystroke, no idle detector. It is a rule about times, and it is marked as one.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ENVIRONMENT = "TRACKER_GAPS"
FILE = "rules.toml"
# Scripts in a row are a second apart, an interpreter that starts included: nobody has thought in between.
SHORTEST_SECONDS = 10.0
# In a notebook: what takes longer than a look at the result of the last cell is waited for.
LONG_CELL_SECONDS = 5.0
LONGEST_HOURS = 2.0  # longer than lunch and a meeting: nobody knows whether the gap was spent on this


class GapRule(NamedTuple):
    """What counts as a person at work; hours are local, days from Monday = 0, both ends of the days included."""

    longest_hours: float = LONGEST_HOURS
    shortest_seconds: float = SHORTEST_SECONDS
    first_day: int = 0
    last_day: int = 4
    from_hour: float = 7.0
    until_hour: float = 21.0
    utc_offset_minutes: int = 0
    long_cell_seconds: float = LONG_CELL_SECONDS

    def as_recorded(self) -> dict[str, object]:
        """Returns the values in the words in which they are set, for the iteration's record."""
        return {
            "longest_hours": self.longest_hours,
            "shortest_seconds": self.shortest_seconds,
            "work_days": f"{DAYS[self.first_day]}-{DAYS[self.last_day]}",
            "work_hours": f"{self.from_hour:g}-{self.until_hour:g}",
            "utc_offset_minutes": self.utc_offset_minutes,
            "long_cell_seconds": self.long_cell_seconds,
        }

    def in_words(self) -> str:
        """Returns the rule as a sentence's middle."""
        return (
            f"a gap of {self.shortest_seconds:g} s to {self.longest_hours:g} h counts as a person at work on "
            f"{DAYS[self.first_day]}-{DAYS[self.last_day]} from {self.from_hour:g} to {self.until_hour:g} h local "
            "time; any other is unattributed"
        )


def parse_rule(values: Mapping[str, object]) -> GapRule:
    """Returns the rule that `values` describe; what they leave out keeps its default.

    Raises:
        ValueError: A key or value that is no part of a rule; the message says what is allowed.
    """
    rule = GapRule()
    for key, value in values.items():
        rule = _with(rule, str(key).strip(), str(value).strip())
    return rule


def read_rule(home: Path) -> GapRule:
    """Returns the rule in force now, with this machine's present offset from UTC.

    Raises:
        ValueError: It is none, or `rules.toml` cannot be read.
    """
    values = {**_of_file(home / FILE), **_of_text(os.environ.get(ENVIRONMENT, ""))}
    return parse_rule({"utc_offset_minutes": time.localtime().tm_gmtoff // 60, **values})


def read_tables(path: Path) -> dict[str, object]:
    """Returns the tables of a file of rules; none where there is no file.

    Raises:
        ValueError: It is no TOML; the message names the file.
    """
    if not path.is_file():
        return {}
    import tomllib  # only where somebody wrote a rule down

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no TOML: {error}") from error


def _with(rule: GapRule, key: str, value: str) -> GapRule:
    if key == "work_days":
        first, last = _span_of(key, value, _day, "two days of the week such as Mon-Fri")
        return rule._replace(first_day=int(first), last_day=int(last))
    if key == "work_hours":
        first, last = _span_of(key, value, float, "two hours of one day, from 0 to 24, such as 7-21")
        if not 0 <= first < last <= 24:
            raise ValueError(f"work_hours == {value!r}, must be two hours of one day, from 0 to 24, such as 7-21")
        return rule._replace(from_hour=first, until_hour=last)
    if key == "utc_offset_minutes":
        return rule._replace(utc_offset_minutes=int(_number(key, value)))
    if key == "longest_hours":
        return rule._replace(longest_hours=_number(key, value))
    if key == "shortest_seconds":
        return rule._replace(shortest_seconds=_number(key, value))
    if key == "long_cell_seconds":
        return rule._replace(long_cell_seconds=_number(key, value))
    raise ValueError(f"gaps has no {key!r}; it has {', '.join(sorted(GapRule().as_recorded()))}")


def _span_of(key: str, value: str, parse: Callable[[str], float], allowed: str) -> tuple[float, float]:
    first, dash, last = value.partition("-")
    try:
        if not dash:
            raise ValueError
        return parse(first.strip()), parse(last.strip())
    except ValueError:
        raise ValueError(f"{key} == {value!r}, must be {allowed}") from None


def _day(text: str) -> float:
    return float(DAYS.index(text[:3].capitalize()))


def _number(key: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e6 or (number < 0 and key != "utc_offset_minutes"):
        raise ValueError(f"{key} == {value!r}, must be a number from 0 up")
    return number


def _of_text(text: str) -> dict[str, object]:
    return dict(part.partition("=")[::2] for part in text.replace(",", " ").split())


def _of_file(path: Path) -> dict[str, object]:
    gaps = read_tables(path).get("gaps", {})
    return gaps if isinstance(gaps, dict) else {}
