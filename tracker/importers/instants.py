"""Instants and lengths as other systems write them, in microseconds; what is none is a `BadValue` with a reason."""

import math
import os
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.importers.bad_rows import BadValue

SECOND = 1_000_000
# What lies outside is a typing error or another clock: no research loop was logged before 1970 or will be after 2200.
LATEST = 7_258_118_400 * SECOND
UNITS = {"milliseconds": 1e-3, "seconds": 1.0, "minutes": 60.0, "hours": 3_600.0, "days": 86_400.0}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Hours, minutes and seconds, with days before them as Slurm writes them: 1-02:03:04.
_CLOCK_LENGTH = re.compile(r"(?:(\d+)-)?(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?")


class Zone:
    """The time zone of instants that do not name their own: `UTC`, `local` (this machine's) or a name of the IANA's.

    Raises:
        ValueError: There is no such zone.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._zone = _zone(name)

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"

    def iana_name(self) -> str:
        """Returns the name by which a database knows this zone.

        Raises:
            ValueError: It is this machine's, and the machine does not say which that is.
        """
        if self.name.lower() != "local":
            return "UTC" if self.name.upper() == "UTC" else self.name
        place = os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
        try:
            return ZoneInfo(place or "UTC").key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"this machine's time zone is {place!r}, which has no name; say --timezone NAME"
            ) from error

    def micros(self, local: datetime, not_before: int | None = None) -> int:
        """Returns a naive local time as microseconds UTC.

        Args:
            local: What a clock on the wall showed.
            not_before: An instant that this one cannot lie before: it decides which of two is meant where the clock
                was put back and showed one time twice. Else the first is.

        Raises:
            BadValue: The clock was put forward and never showed this time.
        """
        first, second = (self._aware(local.replace(fold=fold)) for fold in (0, 1))
        if self._shown(first) != local.replace(fold=0):
            raise BadValue(f"{local.isoformat(' ')} never was in {self.name}: the clock was put forward")
        is_too_early = not_before is not None and first < not_before <= second
        return second if is_too_early else first

    def _aware(self, local: datetime) -> int:
        aware = local.astimezone() if self._zone is None else local.replace(tzinfo=self._zone)
        return (aware - EPOCH) // timedelta(microseconds=1)

    def _shown(self, micros: int) -> datetime:
        instant = EPOCH + timedelta(microseconds=micros)
        return instant.astimezone(self._zone).replace(tzinfo=None, fold=0)


def read_instant(value: Any, zone: Zone, *, unit_seconds: float = 1.0, not_before: int | None = None) -> int | None:
    """Returns an instant in microseconds UTC, or None where there is none.

    Args:
        value: ISO 8601 text, a date, a datetime, or a number of units since 1970 UTC.
        zone: Of what does not say its own.
        unit_seconds: Of a number.
        not_before: See `Zone.micros`.

    Raises:
        BadValue: It is none of these, or lies before 1970 or after 2200.
    """
    value = _of_text(value)
    if value is None:
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        micros = _rounded(value, unit_seconds)
    else:
        micros = _of_date(value, zone, not_before)
    if not 0 <= micros <= LATEST:
        raise BadValue(f"{_shortened(value)} is no time between 1970 and 2200")
    return micros


def read_length(value: Any, unit_seconds: float) -> int | None:
    """Returns a length in microseconds, or None where there is none.

    Args:
        value: A number of units, a `timedelta`, or text of a number or of hours, minutes and seconds (1-02:03:04).
        unit_seconds: Of a number.

    Raises:
        BadValue: It is none of these, below 0, or not finite.
    """
    if isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
    elif isinstance(value, str) and (clock := _CLOCK_LENGTH.fullmatch(value.strip())):
        days, hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        micros = _rounded(((days * 24 + hours) * 60 + minutes) * 60 + seconds, 1.0)
    else:
        number = _of_text(value)
        if number is None:
            return None
        if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
            raise BadValue(f"{_shortened(value)} is no length of time")
        micros = _rounded(number, unit_seconds)
    if not 0 <= micros <= LATEST:
        raise BadValue(f"{_shortened(value)} is no length of time: it must be from 0 up")
    return micros


def _zone(name: str) -> tzinfo | None:
    if name.upper() == "UTC":
        return UTC
    if name.lower() == "local":
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"timezone == {name!r}, must be UTC, local (this machine's) or a name such as Europe/Berlin"
        ) from error


def _of_text(value: Any) -> Any:
    """Returns text that is a number as one, and empty text as None."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _of_date(value: Any, zone: Zone, not_before: int | None) -> int:
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise BadValue(f"{_shortened(value)} is no time: ISO 8601 is read, and numbers since 1970")
        if value.tzinfo is not None:
            return (value - EPOCH) // timedelta(microseconds=1)
        return zone.micros(value, not_before)
    except BadValue:
        raise
    except (ValueError, OverflowError) as error:
        raise BadValue(f"{_shortened(value)} is no time: ISO 8601 is read, and numbers since 1970") from error


def _rounded(number: float | Decimal, unit_seconds: float) -> int:
    if not math.isfinite(number):
        raise BadValue(f"{number} is no time")
    return round(Decimal(str(number)) * Decimal(str(unit_seconds)) * SECOND)


def _shortened(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
