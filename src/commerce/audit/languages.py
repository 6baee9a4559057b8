"""The languages that events are told in: English, as the code has them, and those that `translations/` has."""

from __future__ import annotations

from dataclasses import dataclass, field
from gettext import NullTranslations
from typing import Literal, get_args

from commerce.values.translations import texts_of

LanguageCode = Literal["en", "de"]
LANGUAGES: tuple[LanguageCode, ...] = get_args(LanguageCode)
WORD = "word"
"""The context of words that the log has as codes, such as a reason or the name of a step."""
REMARK = "remark"
"""The context of the forms of what the code remarks."""


@dataclass(frozen=True, slots=True)
class ToldLanguage:
    """One language; what it has no words for is told in English."""

    code: LanguageCode
    texts: NullTranslations = field(compare=False, repr=False)

    def text(self, english: str) -> str:
        """A text of the code in this language, with the names of its values in braces."""
        return self.texts.gettext(english)

    def word(self, code: str) -> str:
        """A word that the log has as a code; as it is where nobody knows it."""
        return self.texts.pgettext(WORD, code)

    def remark(self, form: str) -> str:
        """A form of `remarks.PHRASES`."""
        return self.texts.pgettext(REMARK, form)

    @property
    def is_english(self) -> bool:
        """Whether all is told as the code has it."""
        return self.code == "en"


def language_named(code: LanguageCode) -> ToldLanguage:
    """The language of a code."""
    return ToldLanguage(code, texts_of("commerce.audit", code))


ENGLISH = ToldLanguage("en", NullTranslations())
