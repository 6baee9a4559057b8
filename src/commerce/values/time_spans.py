"""Times as people write them and as this product prints them: each names a whole unit, from its beginning to its
end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

_WRITTEN = re.compile(
    r"(?:(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}))?"
    r"(?:(?(date)[Tt ])(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,](?P<fraction>[0-9]{1,9}))?"
    r"(?P<offset>[Zz]| ?UTC|[ +-][0-9]{2}:?[0-9]{2})?)?"
)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """What a time names, from its first microsecond to its last, both included: a day, a minute, a second or a
    part of one."""

    begin: datetime
    end: datetime


def read_span(text: str, today: date | None = None, *, local: bool = False) -> TimeSpan | None:
    """Read a time in any form that we print, or that a browser makes of it (a plus sign becomes a space); None
    for what is none.

    Without an offset a day is one in UTC, and a time of a day is none; `local`: both are in this machine's time zone.
    `today` is the day of a time without a date, which is none otherwise. A bare number is never a time, and neither is
    one that no calendar has, or that lies before the year 1 or after 9999 in UTC.
    """
    found = _WRITTEN.fullmatch(text)
    if not text or found is None or not (found["date"] or today):
        return None
    day, clock, fraction, offset = found["date"] or str(today), found["time"], found["fraction"] or "", found["offset"]
    if (fraction and len(clock) < 8) or (clock and not offset and not local):
        return None
    try:
        begin = datetime.fromisoformat(f"{day}T{clock or '00:00'}") + timedelta(
            microseconds=int(fraction[:6].ljust(6, "0"))
        )
        end = begin + (_unit(clock, fraction) - _MICROSECOND)
        zone = _zone(offset) if offset else None if local else UTC
        return TimeSpan(_placed(begin, zone), _placed(end, zone))
    except (ValueError, OverflowError):
        return None


def read_day(text: str) -> date | None:
    """Read a day as we print one; None for what is none."""
    span = read_span(text) if len(text) == len("2026-11-23") else None
    return None if span is None else span.begin.date()


def _unit(clock: str | None, fraction: str) -> timedelta:
    """How long what was written lasts."""
    if clock is None:
        return timedelta(days=1)
    if fraction:
        return max(_MICROSECOND, timedelta(microseconds=10 ** (6 - min(len(fraction), 6))))
    return timedelta(seconds=1 if len(clock) == 8 else 60)


def _zone(offset: str) -> timezone:
    """The time zone of an offset; a plus sign may have become a space. Raises `ValueError` for a day or more."""
    if offset in ("Z", "z") or offset.endswith("UTC"):
        return UTC
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if minutes > 59:
        raise ValueError("an hour has 60 minutes")
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _placed(naive: datetime, zone: timezone | None) -> datetime:
    """In UTC; without a zone it is a time of this machine's. Raises `ValueError` or `OverflowError` beyond the
    calendar."""
    return (naive.replace(tzinfo=zone) if zone else naive).astimezone(UTC)
