"""Times: every form that we print is read, each names its whole unit, and no bare number is one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.cli.log.local_time import read_moment, shown_moment
from commerce.values.errors import BadUsage
from commerce.values.time_spans import TimeSpan, read_day, read_span

SECOND = datetime(2026, 11, 23, 15, 36, 36, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "begin", "lasts_us"),
    [
        ("2026-11-23T15:36:36.513123Z", SECOND.replace(microsecond=513123), 1),
        ("2026-11-23 15:36:36.513+00:00", SECOND.replace(microsecond=513000), 1_000),
        ("2026-11-23 15:36:36.513 00:00", SECOND.replace(microsecond=513000), 1_000),
        ("2026-11-23T16:36:36,5+01:00", SECOND.replace(microsecond=500000), 100_000),
        ("2026-11-23T15:36:36 00:00", SECOND, 1_000_000),
        ("2026-11-23t15:36:36z", SECOND, 1_000_000),
        ("2026-11-23 15:36:36 UTC", SECOND, 1_000_000),
        ("2026-11-23T10:36:36-0500", SECOND, 1_000_000),
        ("2026-11-23T15:36Z", SECOND.replace(second=0), 60_000_000),
        ("2026-11-23", SECOND.replace(hour=0, minute=0, second=0), 86_400_000_000),
        ("9999-12-31", datetime(9999, 12, 31, tzinfo=UTC), 86_400_000_000),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC), 86_400_000_000),
        ("2026-11-23T15:36:36.513123789Z", SECOND.replace(microsecond=513123), 1),
    ],
)
def test_a_time_names_its_whole_unit(text: str, begin: datetime, lasts_us: int) -> None:
    assert read_span(text) == TimeSpan(begin, begin + timedelta(microseconds=lasts_us - 1))


@pytest.mark.parametrize(
    "text", ["2026", "20261123", "1763912196", "1e3", "0", "-1", "1.5", "2026-11", "٢٠٢٦-١١-٢٣", "infinity"]
)
def test_no_bare_number_is_a_time(text: str) -> None:
    assert read_span(text) is None
    assert read_span(text, date(2026, 11, 23), local=True) is None
    assert read_day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01",
        "10000-01-01",
        "2026-02-30",
        "2026-11-23T24:00:00Z",
        "2026-12-31T23:59:60Z",
        "2026-11-23T15:36:36+24:00",
        "2026-11-23T15:36:36+10:60",
        "2026-11-23T15:36:36",
        "2026-11-23T15:36.5Z",
        "2026-11-23T15Z",
        "2026-W48-1",
        "2026-11-23T15:36:36Z\n",
        " 2026-11-23",
        "yesterday",
        "15:40",
        "",
    ],
)
def test_what_no_calendar_has_or_has_no_offset_is_no_time(text: str) -> None:
    assert read_span(text) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_printed_is_read(moment: datetime) -> None:
    for text in (moment.isoformat(), moment.isoformat(" ", "milliseconds"), f"{moment:%Y-%m-%d %H:%M:%S} UTC"):
        span = read_span(text.rjust(len(text), "0") if moment.year > 999 else moment.isoformat())
        assert span is not None
        assert span.begin <= moment <= span.end
    assert read_day(str(moment.date())) == moment.date()


@given(st.text(max_size=40))
def test_no_text_at_all_is_more_than_no_time(text: str) -> None:
    assert read_span(text) is None or read_span(text, local=True) is not None


def test_at_a_prompt_times_are_those_of_this_machine_and_of_today() -> None:
    now = datetime.fromisoformat("2026-11-23T12:00:00").astimezone()
    minute = read_moment("10:15", now)
    assert shown_moment(minute.begin).startswith("2026-11-23 10:15:00.000")
    assert shown_moment(minute.end).startswith("2026-11-23 10:15:59.999")
    assert shown_moment(read_moment("2026-11-20 10:15", now).begin).startswith("2026-11-20 10:15:00.000")
    assert shown_moment(read_moment("2026-11-20", now).end).startswith("2026-11-20 23:59:59.999")
    assert read_moment("2026-11-23T10:15:30+01:00", now).begin == datetime.fromisoformat("2026-11-23T09:15:30Z")
    printed = shown_moment(now)
    assert read_moment(printed, now).begin == now


@pytest.mark.parametrize("text", ["25:00", "2026", "20261123", "noon", "", "0001-01-01T00:00:00+14:00", "10:15:60"])
def test_at_a_prompt_what_is_no_time_is_rejected(text: str) -> None:
    with pytest.raises(BadUsage, match="is not a time"):
        read_moment(text, datetime.now(UTC))
