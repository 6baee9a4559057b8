"""The languages of pages: texts by gettext, and numbers, money and times as each writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from functools import cache
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal

from api.http.accepted_languages import preferred_languages
from commerce.values.translations import texts_of

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
"""The languages that there are, by their codes, as each calls itself; the texts in the code are the first one's."""
UTC = timezone.utc  # noqa: UP017 - its name is shown


def N_(text: str) -> str:  # noqa: N802 - the name by which extraction knows it
    """Mark a text to be translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    """One language, and the time zone of who looks."""

    code: str
    zone: tzinfo
    texts: NullTranslations

    @property
    def locale(self) -> Locale:
        """The locale of the language."""
        return _locale(self.code)

    @property
    def zone_name(self) -> str:
        """What the zone is called."""
        return str(self.zone)

    @property
    def today(self) -> str:
        """The day in the viewer's zone, as the API writes days."""
        return datetime.now(self.zone).date().isoformat()

    def text(self, text: str) -> str:
        """A text in this language."""
        return self.texts.gettext(text) if text else ""

    def money(self, amount: Decimal | str, currency: str) -> str:
        """An amount with its currency, with the digits that the currency has."""
        return format_currency(Decimal(amount), currency, locale=self.locale)

    def number(self, number: Decimal | float) -> str:
        """A number."""
        return format_decimal(number, locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """A time in the viewer's zone, to the minute; without the year in the present one."""
        local = moment.astimezone(self.zone)
        skeleton = "medium" if local.year != datetime.now(self.zone).year else None
        if skeleton:
            return format_datetime(local, skeleton, locale=self.locale)
        pattern = "d. MMM, HH:mm:ss" if self.code == "de" else "MMM d, HH:mm:ss"
        return format_datetime(local, pattern, locale=self.locale)

    def exact(self, moment: datetime) -> str:
        """A time in the viewer's zone, with microseconds and the zone's name."""
        local = moment.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M:%S.%f} {local.tzname()}"

    def day(self, moment: date) -> str:
        """A day."""
        return format_date(moment, "medium", locale=self.locale)

    def time_given(self, text: str | None, *, is_end: bool = False) -> str | None:
        """A day, or a day and a time, that was typed in the viewer's zone, as the API reads it; as it is if unclear."""
        try:
            local = datetime.fromisoformat(text) if text else None
        except ValueError:
            return text
        if local is None or local.tzinfo is not None:
            return text
        if is_end and len(text or "") == len("2026-11-30"):
            local = local.replace(hour=23, minute=59)
        return local.replace(tzinfo=self.zone).isoformat(timespec="minutes")

    def duration(self, seconds: float) -> str:
        """How long something lasts, in its largest unit; below a second in milliseconds."""
        if 0 < seconds < 1:
            return f"{seconds * 1000:.0f} ms"
        return format_timedelta(seconds, threshold=1.5, locale=self.locale)  # type: ignore[arg-type]


def language_of(accepted: str, chosen: str | None, zone: str | None) -> Language:
    """The language that somebody chose, or else the one of ours that their browser prefers; and their zone."""
    preferred = [chosen] if chosen and chosen in LANGUAGES else preferred_languages(accepted)
    code = negotiate_locale(preferred, list(LANGUAGES), sep="-") or "en"
    return Language(code, _zone(zone), texts_of("api.pages", code))


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def _zone(name: str | None) -> tzinfo:
    """A time zone by its name; UTC where there is none of this name."""
    try:
        return ZoneInfo(name) if name else UTC
    except (OSError, ValueError):  # `ZoneInfoNotFoundError` is a KeyError
        return UTC
    except KeyError:
        return UTC
