"""The types of what clients send: bounded, without control characters, and rejected with words that say what to
send instead."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SerializationInfo, field_serializer

from commerce.values.countries import COUNTRIES
from commerce.values.errors import InvalidInput
from commerce.values.money import MINOR_DIGITS, Money, minor_digits
from commerce.values.text import UNFIT, is_visible, normal

_FIT = rf"^[^{UNFIT}]*$"
_SKU = r"^[^/\x00-\x1f\x7f-\x9f]+$"
_EMAIL = rf"^[^\s@,;:<>()\[\]\\\x22{UNFIT}]{{1,64}}@[^\s@,;:<>()\[\]\\\x22{UNFIT}]{{1,189}}$"
_PHONE = r"^\+?[0-9(][0-9 ()./*#-]{1,30}[0-9]( ?(x|ext\.?) ?[0-9]{1,6})?$"
_LONGEST_SKU_CHARACTERS = 64
_AMOUNT = r"^[0-9]{1,12}(\.[0-9]{1,4})?$"

PATTERNS = {
    _FIT: "must not contain control characters such as line breaks, or what turns the direction of a line",
    _SKU: "must be 1 to 64 printable characters without a slash",
    _EMAIL: "must be one e-mail address, such as ada@example.org",
    "^[!-~]+$": "must be a token as it stands in the mail",
    _PHONE: "must be a telephone number of 3 to 40 characters, such as +44 20 7946 0000",
    _AMOUNT: 'must be a decimal in a string, not negative and without an exponent, such as "19.99"',
}
"""The message for a value that does not match a pattern."""


class Body(BaseModel):
    """What a client sends: exactly the declared fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class NoFields(Body):
    """What a path without fields takes."""


def _known_currency(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError("must be a known ISO 4217 code such as EUR")
    return code


def _known_country(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError("must be an ISO 3166-1 alpha-2 code such as DE")
    return code


def _composed(given: object) -> object:
    """Compose a text to NFC before it is measured: the decomposed form of the same text is longer."""
    return normal(given) if isinstance(given, str) else given


def _seen(text: str) -> str:
    if not is_visible(text):
        raise ValueError("must not be blank: it has to contain something that can be seen")
    return text


def _seen_if_any(text: str) -> str:
    return _seen(text) if text else text


def _both_seen(email: str) -> str:
    if not all(map(is_visible, email.split("@"))):
        raise ValueError("must be one e-mail address, such as ada@example.org")
    return email


def none_if_empty(text: object) -> object:
    """A form sends an empty string for a field that was left blank."""
    return None if text == "" else text


def _short(sku: str) -> str:
    """Measure a SKU in NFC, but keep it as typed, since older versions accepted other forms."""
    if len(normal(sku)) > _LONGEST_SKU_CHARACTERS:
        raise ValueError(f"must be at most {_LONGEST_SKU_CHARACTERS} characters")
    return sku


def _bare(text: str) -> str:
    if text != text.strip():
        raise ValueError("must not begin or end with a space")
    return text


Sku = Annotated[
    str,
    Field(min_length=1, max_length=4 * _LONGEST_SKU_CHARACTERS, pattern=_SKU, examples=["TEA-ASSAM-250"]),
    AfterValidator(_short),
]
"""As the catalogue knows it; case-sensitive."""

_Text = Annotated[str, Field(min_length=1, pattern=_FIT), BeforeValidator(_composed)]
"""Like all texts: one line, with something visible in it, kept in NFC. A pattern stands before the function that
composes, or the document would not know it."""

Name = Annotated[_Text, Field(max_length=200), AfterValidator(_seen)]
Line = Annotated[_Text, Field(max_length=300), AfterValidator(_seen)]
Text = Annotated[_Text, Field(max_length=2_000), AfterValidator(_seen)]
Code = Annotated[_Text, Field(max_length=64), AfterValidator(_seen)]
Owner = Annotated[Code, AfterValidator(str.strip)]
"""Who looks after something; spelled as tokens' subjects are: in NFC, and without spaces around it."""
OwnerSearch = Annotated[str, Field(max_length=64, pattern=_FIT), BeforeValidator(_composed), AfterValidator(str.strip)]
"""An owner to look for; empty: nobody."""
Postcode = Annotated[_Text, Field(max_length=20), AfterValidator(_seen)]
Search = Annotated[str, Field(max_length=200, pattern=_FIT), BeforeValidator(_composed), AfterValidator(_seen_if_any)]
Email = Annotated[
    str,
    Field(max_length=254, pattern=_EMAIL, examples=["ada@example.org"]),
    BeforeValidator(_composed),
    AfterValidator(_both_seen),
]
Phone = Annotated[str, Field(max_length=40, pattern=_PHONE, examples=["+44 20 7946 0000"])]
Reference = Annotated[_Text, Field(max_length=64, examples=["INV-7001"]), AfterValidator(_seen), AfterValidator(_bare)]
"""The shop's own name for an order."""

Flag = Annotated[bool, Field(strict=True)]
"""`true` or `false`; no number and no word."""
Pieces = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Country = Annotated[
    str, Field(examples=["DE"], json_schema_extra={"pattern": "^[A-Z]{2}$"}), AfterValidator(_known_country)
]
Currency = Annotated[
    str, Field(examples=["EUR"], json_schema_extra={"pattern": "^[A-Z]{3}$"}), AfterValidator(_known_currency)
]


AS_SENT = "as sent"
"""The serialization context that writes a value as the client sent it."""


class Price(Body):
    """An amount of money: a decimal in a string, with at most the currency's own number of minor digits."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": "19.99", "currency": "EUR"}]})

    amount: Annotated[str, Field(pattern=_AMOUNT)]
    """A decimal in a string, such as "19.99"."""
    currency: Currency
    """ISO 4217 code, such as EUR."""

    @field_serializer("amount")
    def _canonical_amount(self, amount: str, info: SerializationInfo[object]) -> str:
        """Write 8.9 and 8.90 alike."""
        if info.context == AS_SENT:
            return amount
        whole, _, fraction = amount.partition(".")
        digits = minor_digits(self.currency)
        return f"{int(whole)}.{fraction.ljust(digits, '0')}" if digits or fraction else f"{int(whole)}"

    def money(self, field: str) -> Money:
        """The amount, exactly. Raises `InvalidInput`, naming the field, for more minor digits than the currency has."""
        digits = minor_digits(self.currency)
        if len(self.amount.partition(".")[2]) > digits:
            message = f"{self.amount} has more than the {digits} minor digits of {self.currency}"
            raise InvalidInput(message, f"{field}.amount")
        try:
            return Money.of(self.amount, self.currency)
        except InvalidInput as error:
            raise InvalidInput(str(error), f"{field}.amount") from None
