"""Times as people type and read them: in the time zone of this machine, with its offset."""

from __future__ import annotations

from datetime import datetime, time

from commerce.errors import BadUsage


def read_moment(text: str, now: datetime) -> datetime:
    """A time: `10:15` is of today, `2026-11-23 10:15` of that day, both here unless they say an offset. Raises `BadUsage`."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        pass
    try:
        return datetime.combine(now.astimezone().date(), time.fromisoformat(text)).astimezone()
    except ValueError:
        raise BadUsage(f"{text!r} is not a time; write it as 10:15, or 2026-11-23T10:15:30+01:00") from None


def shown_moment(moment: datetime) -> str:
    """A time of the log, to the millisecond."""
    return moment.astimezone().isoformat(sep=" ", timespec="milliseconds")
