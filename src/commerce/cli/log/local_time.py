"""Times as people type and read them at a prompt: in the time zone of this machine, with its offset."""

from __future__ import annotations

from datetime import datetime

from commerce.values.errors import BadUsage
from commerce.values.time_spans import TimeSpan, read_span


def read_moment(text: str, now: datetime) -> TimeSpan:
    """What a time names: `10:15` is a minute of today, `2026-11-23` a day, both here without an offset. Raises
    `BadUsage`."""
    span = read_span(text.strip(), now.astimezone().date(), local=True)
    if span is None:
        raise BadUsage(f"{text!r} is not a time; write it as 10:15, 2026-11-23, or 2026-11-23T10:15:30+01:00")
    return span


def shown_moment(moment: datetime) -> str:
    """A time of the log, to the millisecond."""
    return moment.astimezone().isoformat(sep=" ", timespec="milliseconds")
