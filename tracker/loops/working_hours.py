"""When people are at work, by a stated rule: what `off_hours_seconds` is counted by, and nothing else.

The rule stands in `rules.toml` in the home folder, and its words in every snapshot's manifest:

    [hours]
    work_days = "Mon-Fri"
    work_hours = "7-21"
    zone = "Europe/Berlin"

Days and hours that are not said are those of `[gaps]`, and the zone is UTC.
"""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from tracker.capture.integrations.gap_rule import DAYS, FILE, GapRule, parse_rule, read_tables

_HOUR_US = 3_600_000_000
_KEYS = ("work_days", "work_hours", "zone")


@dataclass(frozen=True)
class HoursRule:
    """Days of the week and hours of the day at which people work.

    Attributes:
        days: The days as ISO numbers them, Monday = 1.
        from_hour, until_hour: Of the local day.
        zone: An IANA name.
    """

    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    from_hour: float = GapRule().from_hour
    until_hour: float = GapRule().until_hour
    zone: str = "UTC"

    @property
    def words(self) -> str:
        """The rule as every snapshot says it."""
        days = ",".join(DAYS[day - 1] for day in self.days)
        return f"{days} {self.from_hour:g}-{self.until_hour:g} {self.zone}"

    def as_table(self) -> pa.Table:
        """Returns the rule as the one row that the SQL reads."""
        return pa.table(
            {
                "work_days": pa.array([list(self.days)], pa.list_(pa.int64())),
                "from_us": [round(self.from_hour * _HOUR_US)],
                "until_us": [round(self.until_hour * _HOUR_US)],
                "zone": [self.zone],
            }
        )


def read_hours(home: Path) -> HoursRule:
    """Returns the rule of a home.

    Raises:
        ValueError: `rules.toml` is no TOML, or holds a key or value that is no part of a rule; the message says what is
            allowed.
    """
    tables = read_tables(home / FILE)
    given = {key: value for key, value in _table(tables, "gaps").items() if key in _KEYS} | _table(tables, "hours")
    unknown = sorted(set(given).difference(_KEYS))
    if unknown:
        raise ValueError(f"{FILE}: hours has no {unknown[0]!r}; it has {', '.join(_KEYS)}")
    zone = str(given.pop("zone", "UTC"))
    _require_zone(zone)
    rule = parse_rule(given)
    days = [day % 7 for day in range(rule.first_day, rule.first_day + 7)]
    worked = days[: days.index(rule.last_day) + 1]
    return HoursRule(tuple(sorted(day + 1 for day in worked)), rule.from_hour, rule.until_hour, zone)


def _table(tables: dict[str, object], name: str) -> dict[str, object]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{FILE}: {name} == {table!r}, must be a table that begins with [{name}]")
    return table


def _require_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"{FILE}: zone == {zone!r} is no time zone; write one such as Europe/Berlin or UTC") from error
