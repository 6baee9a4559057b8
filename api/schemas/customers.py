"""What customers send about themselves, and what they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic.config import JsonDict
from pydantic_core import from_json, to_json

from api.schemas.erasures import ErasureView
from api.schemas.fields import Body, Email, Name, Phone, none_if_empty
from api.schemas.order_requests import EXAMPLE_ADDRESS, Address
from api.schemas.orders import PersonalData, personal_data_of
from commerce.customers.commands import PlainProfile
from commerce.customers.customer import Customer, CustomerStatus
from commerce.eventstore import Readable

MOST_ADDRESSES = 20
_EARLIEST = date(1900, 1, 1)

_ID = "5a1d3c0e-2b7f-4c46-9a55-6c1e0f7a9d02"
_PROFILE: JsonDict = {
    "given_name": "Ada",
    "family_name": "Example",
    "phone": "+49 30 1234567",
    "date_of_birth": "1990-12-10",
    "addresses": [EXAMPLE_ADDRESS],
}
EXAMPLE_REGISTRATION: JsonDict = {"email": "ada@example.org", "password": "a long sentence of mine", **_PROFILE}
EXAMPLE_CUSTOMER: JsonDict = {
    "customer_id": _ID,
    "status": "active",
    "email": "ada@example.org",
    "email_confirmed": True,
    "wanted_email": None,
    **_PROFILE,
    "personal_data": "readable",
    "erasure": None,
    "version": 1,
    "registered_at": "2026-11-23T14:00:00.000000Z",
    "updated_at": "2026-11-23T14:00:00.000000Z",
}
EXAMPLE_CUSTOMER_ACCEPTED: JsonDict = {"customer_id": _ID, "version": 1, "status": "active", "position": 45}


def _possible(day: date) -> date:
    if not _EARLIEST <= day <= datetime.now(UTC).date():
        raise ValueError("must be a day of the past, not before 1900")
    return day


def _of_day(given: object) -> object:
    """A day is written as a day: not as a number, and without a time."""
    if given is not None and not (isinstance(given, str) and len(given) == len("1990-12-10")):
        raise ValueError("must be a day, such as 1990-12-10")
    return given


Password = Annotated[SecretStr, Field(min_length=1, max_length=1_024)]
"""Its length is checked in the form in which it is hashed."""
MailTokenText = Annotated[str, Field(min_length=1, max_length=200, pattern="^[!-~]+$")]
PersonName = Annotated[Name | None, BeforeValidator(none_if_empty)]
PhoneIfAny = Annotated[Phone | None, BeforeValidator(none_if_empty)]
BirthDay = Annotated[date, BeforeValidator(_of_day), AfterValidator(_possible), Field(examples=["1990-12-10"])]
BirthDayIfAny = Annotated[BirthDay | None, BeforeValidator(none_if_empty)]
Addresses = Annotated[list[Address], Field(max_length=MOST_ADDRESSES)]


class RegisterCustomer(Body):
    """A person who wants an account; all but the e-mail address and the password may be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_REGISTRATION]})

    email: Email
    """What they log in with; capitals make no difference, and no two customers have the same."""
    password: Password
    """8 to 128 characters, and none of those passwords that are tried first."""
    given_name: PersonName = None
    """The name by which friends call them; null where none was given."""
    family_name: PersonName = None
    """The name of their family; null where none was given."""
    phone: PhoneIfAny = None
    """A telephone number; null where none was given."""
    date_of_birth: BirthDayIfAny = None
    """The day on which they were born; null where none was given."""
    addresses: Addresses = []  # noqa: RUF012 - pydantic copies it
    """Where they may want shipments to go, the usual place first."""

    @property
    def profile(self) -> PlainProfile:
        """What they say of themselves, as it is sealed."""
        given = {name: getattr(self, name) for name in PROFILE_FIELDS}
        return PlainProfile(**{name: _plain(value) for name, value in given.items()})


PROFILE_FIELDS = ("given_name", "family_name", "phone", "date_of_birth", "addresses")


class ChangeCustomer(Body):
    """What changes of a profile (RFC 7396): what is left out stays, null removes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+49 30 7654321", "date_of_birth": None}]})

    given_name: PersonName = None
    """The name by which friends call them; null removes it."""
    family_name: PersonName = None
    """The name of their family; null removes it."""
    phone: PhoneIfAny = None
    """A telephone number; null removes it."""
    date_of_birth: BirthDayIfAny = None
    """The day on which they were born; null removes it."""
    addresses: Addresses | None = None
    """All of them, the usual place first; null removes all."""

    @property
    def changes(self) -> dict[str, str | None]:
        """The fields that were sent, as they are sealed."""
        return {name: _plain(getattr(self, name)) for name in PROFILE_FIELDS if name in self.model_fields_set}


class ChangePassword(Body):
    """Another password; who is logged in elsewhere is logged out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"present_password": "a long sentence of mine", "password": "another sentence of mine"}]
        }
    )

    present_password: Password
    """The one that is replaced."""
    password: Password
    """8 to 128 characters, and none of those passwords that are tried first."""


class ChangeEmail(Body):
    """Another e-mail address, which a mail there asks to be confirmed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.net", "present_password": "a long sentence of mine"}]}
    )

    email: Email
    """What they want to log in with; capitals make no difference, and no two customers have the same."""
    present_password: Password
    """The password that they log in with."""


class ConfirmEmail(Body):
    """The token of a mail that asks whether the e-mail address is right."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "cec_VGhpcyBpcyBhbiBleGFtcGxl"}]})

    token: MailTokenText
    """As it stands in the mail; good once, for three days, until a later mail."""


class RequestPasswordReset(Body):
    """Whose password was forgotten."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ada@example.org"}]})

    email: Email
    """What they log in with."""


class ResetPassword(Body):
    """Another password, with the token of a mail in place of the forgotten one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"token": "cpr_VGhpcyBpcyBhbiBleGFtcGxl", "password": "another sentence of mine"}]
        }
    )

    token: MailTokenText
    """As it stands in the mail; good once, for an hour, until a later mail."""
    password: Password
    """8 to 128 characters, and none of those passwords that are tried first."""


@dataclass(frozen=True, slots=True)
class MailAsked:
    """If the address is a customer's, a mail goes there; whether it is, nobody says."""

    status: Literal["requested"]
    """Always `requested`."""


@dataclass(frozen=True, slots=True)
class PasswordReplaced:
    """The customer logs in with the new password, and is logged out everywhere."""

    status: Literal["replaced"]
    """Always `replaced`."""


@dataclass(frozen=True, slots=True)
class CustomerAccepted:
    """A customer's account is as they wanted it."""

    customer_id: UUID
    """The customer."""
    version: int
    """How many events its stream has; the `ETag` in `If-Match`."""
    status: CustomerStatus
    """Whether they can log in."""
    position: int
    """The place in the log."""


class CustomerView(BaseModel):
    """A customer; where `personal_data` is not `readable`, what is personal is null."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CUSTOMER]}, use_attribute_docstrings=True)

    customer_id: UUID
    """The customer."""
    status: CustomerStatus
    """`active`; `deactivated` where they closed their account; `erased` where nobody can read any more who they
    were."""
    email: str | None
    """What they log in with."""
    email_confirmed: bool
    """Whether they showed that they read the mails that go there."""
    wanted_email: str | None
    """What they want to log in with instead, once they confirm it by a mail there; null where nothing else."""
    given_name: str | None
    """The name by which friends call them; null where none was given."""
    family_name: str | None
    """The name of their family; null where none was given."""
    phone: str | None
    """A telephone number; null where none was given."""
    date_of_birth: date | None
    """The day on which they were born; null where none was given."""
    addresses: list[Address]
    """Where they may want shipments to go, the usual place first."""
    personal_data: PersonalData
    """Whether what is personal can be shown: `readable`; `erased`, where it is null for good; or `key_missing`, where
    it is null until the operator has restored the key from a backup. More may come, so take any other word for `not
    readable`."""
    erasure: ErasureView | None
    """Who had their data erased, when, and how far that is; null where nobody asked for it."""
    version: int
    """How many events its stream has; the `ETag` in `If-Match`."""
    registered_at: datetime
    """When they registered."""
    updated_at: datetime
    """When the newest event about them was recorded."""


def customer_view(
    customer: Customer,
    plain: Readable,
    registered_at: datetime,
    updated_at: datetime,
    erasure: ErasureView | None,
) -> CustomerView:
    """A customer, with what could be opened in plain text."""
    wanted = None if customer.wanted_email is None else plain.get(customer.wanted_email.email)
    profile = {name: sealed and plain.get(sealed) for name in PROFILE_FIELDS if (sealed := getattr(customer, name))}
    addresses, day = profile.get("addresses"), profile.get("date_of_birth")
    return CustomerView.model_construct(
        customer_id=customer.id,
        status=customer.status,
        email=plain.get(customer.email),
        email_confirmed=customer.email_confirmed,
        wanted_email=wanted,
        given_name=profile.get("given_name"),
        family_name=profile.get("family_name"),
        phone=profile.get("phone"),
        date_of_birth=date.fromisoformat(day) if day else None,
        addresses=[Address.model_construct(**one) for one in from_json(addresses)] if addresses else [],
        personal_data=personal_data_of(customer.email, plain),
        erasure=erasure,
        version=customer.version,
        registered_at=registered_at,
        updated_at=updated_at,
    )


def _plain(value: str | date | list[Address] | None) -> str | None:
    """A field of a profile as it is sealed; an empty list says no more than none."""
    match value:
        case date():
            return value.isoformat()
        case list():
            return to_json(value).decode() if value else None
        case _:
            return value
