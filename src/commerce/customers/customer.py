"""The customer: who they are, the password they log in with, and whether they still do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from uuid import UUID

from commerce.credentials.mail_tokens import MailRequest, MailTokenNotAccepted
from commerce.customers.events import (
    CustomerDeactivated,
    CustomerErased,
    CustomerEvent,
    CustomerRegistered,
    EmailChanged,
    EmailChangeRequested,
    EmailConfirmationRequested,
    EmailConfirmed,
    PasswordChanged,
    ProfileChanged,
)
from commerce.eventstore import Aggregate, Event, Sealed, SealedSecret
from commerce.values.errors import RuleBroken


class CustomerStatus(StrEnum):
    """Whether a customer can log in and order."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    ERASED = "erased"


class CustomerNotActive(RuleBroken):
    """The customer closed their account, or was erased."""

    def __init__(self, customer: Customer) -> None:
        why = "was erased" if customer.status is CustomerStatus.ERASED else "closed their account"
        super().__init__(f"customer {customer.id} {why}; there are no changes and no orders any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a customer says of themselves, sealed; what is None, they did not say."""

    given_name: Sealed | None = None
    family_name: Sealed | None = None
    phone: Sealed | None = None
    date_of_birth: Sealed | None = None
    addresses: Sealed | None = None


@dataclass(frozen=True, slots=True)
class WantedEmail:
    """Another e-mail address that a customer wants, and the mail by which they confirm it."""

    email: Sealed
    request: MailRequest


@dataclass(frozen=True, slots=True)
class Customer(Aggregate):
    """A customer at one version of their stream."""

    status: CustomerStatus
    email: Sealed
    password: SealedSecret
    credential: int = 1
    """The number of the password: sessions that began with an earlier one are over."""
    given_name: Sealed | None = None
    family_name: Sealed | None = None
    phone: Sealed | None = None
    date_of_birth: Sealed | None = None
    addresses: Sealed | None = None
    email_confirmed: bool = False
    confirmation: MailRequest | None = None
    """The mail by which they may confirm their e-mail address; a newer one replaces it."""
    wanted_email: WantedEmail | None = None
    """The address that they want instead, until they confirm it, or change the password."""

    @property
    def profile(self) -> Profile:
        """What they say of themselves."""
        return Profile(
            given_name=self.given_name,
            family_name=self.family_name,
            phone=self.phone,
            date_of_birth=self.date_of_birth,
            addresses=self.addresses,
        )

    @property
    def is_active(self) -> bool:
        """Whether they can log in and order."""
        return self.status is CustomerStatus.ACTIVE


def evolve(customer: Customer | None, event: Event) -> Customer | None:  # noqa: PLR0911 (a case for each event)
    """Apply one event; before they registered there is no customer."""
    if isinstance(event, CustomerRegistered):
        return _registered(event)
    if customer is None:
        return None
    version = event.originator_version
    match event:
        case ProfileChanged():
            return replace(
                customer,
                version=version,
                given_name=event.given_name,
                family_name=event.family_name,
                phone=event.phone,
                date_of_birth=event.date_of_birth,
                addresses=event.addresses,
            )
        case PasswordChanged():
            credential = customer.credential + 1
            return replace(customer, version=version, password=event.password, credential=credential, wanted_email=None)
        case EmailConfirmationRequested():
            request = MailRequest(event.request_id, event.expires_at)
            return replace(customer, version=version, confirmation=request)
        case EmailConfirmed():
            return replace(customer, version=version, email_confirmed=True, confirmation=None)
        case EmailChangeRequested():
            wanted = WantedEmail(event.email, MailRequest(event.request_id, event.expires_at))
            return replace(customer, version=version, wanted_email=wanted)
        case EmailChanged():
            return replace(
                customer,
                version=version,
                email=event.email,
                email_confirmed=True,
                confirmation=None,
                wanted_email=None,
            )
        case CustomerDeactivated():
            return replace(customer, version=version, status=CustomerStatus.DEACTIVATED, wanted_email=None)
        case CustomerErased():
            return replace(
                customer, version=version, status=CustomerStatus.ERASED, confirmation=None, wanted_email=None
            )
    return replace(customer, version=version)


def _registered(event: CustomerRegistered) -> Customer:
    return Customer(
        id=event.originator_id,
        version=event.originator_version,
        status=CustomerStatus.ACTIVE,
        email=event.email,
        password=event.password,
        given_name=event.given_name,
        family_name=event.family_name,
        phone=event.phone,
        date_of_birth=event.date_of_birth,
        addresses=event.addresses,
    )


def fold(events: Iterable[Event], customer: Customer | None = None) -> Customer | None:
    """The customer after these events, which begin their stream or follow on `customer`."""
    return reduce(evolve, events, customer)


def register(email: Sealed, password: SealedSecret, profile: Profile, confirmation: MailRequest) -> list[CustomerEvent]:
    """Open an account, and ask for a mail by which its e-mail address is confirmed."""
    return [
        CustomerRegistered(
            email=email,
            password=password,
            given_name=profile.given_name,
            family_name=profile.family_name,
            phone=profile.phone,
            date_of_birth=profile.date_of_birth,
            addresses=profile.addresses,
        ),
        EmailConfirmationRequested(request_id=confirmation.request_id, expires_at=confirmation.expires_at),
    ]


def change_profile(customer: Customer, profile: Profile) -> list[CustomerEvent]:
    """Have the profile be this one. Raises `CustomerNotActive`."""
    require_active(customer)
    if profile == customer.profile:
        return []
    return [
        ProfileChanged(
            given_name=profile.given_name,
            family_name=profile.family_name,
            phone=profile.phone,
            date_of_birth=profile.date_of_birth,
            addresses=profile.addresses,
        )
    ]


def change_password(customer: Customer, password: SealedSecret) -> list[CustomerEvent]:
    """Have another password from now on. Raises `CustomerNotActive`."""
    require_active(customer)
    return [PasswordChanged(password=password)]


def request_confirmation(customer: Customer, request: MailRequest) -> list[CustomerEvent]:
    """Ask for a mail by which the e-mail address is confirmed. Raises `CustomerNotActive`."""
    require_active(customer)
    if customer.email_confirmed or (customer.confirmation and request.comes_soon_after(customer.confirmation)):
        return []
    return [EmailConfirmationRequested(request_id=request.request_id, expires_at=request.expires_at)]


def confirm_email(customer: Customer, request_id: UUID, now: datetime) -> list[CustomerEvent]:
    """Confirm the e-mail address by the token of the last mail. Raises `MailTokenNotAccepted`."""
    if customer.confirmation is None or not customer.confirmation.is_open(request_id, now):
        raise MailTokenNotAccepted
    return [EmailConfirmed(request_id=request_id)]


def request_email_change(customer: Customer, email: Sealed, request: MailRequest) -> list[CustomerEvent]:
    """Want another e-mail address, to be confirmed by a mail there. Raises `CustomerNotActive`."""
    require_active(customer)
    return [EmailChangeRequested(email=email, request_id=request.request_id, expires_at=request.expires_at)]


def change_email(customer: Customer, request_id: UUID, now: datetime) -> list[CustomerEvent]:
    """Have the wanted e-mail address by the token of the last mail there. Raises `MailTokenNotAccepted`."""
    return [EmailChanged(email=wanted_email(customer, request_id, now), request_id=request_id)]


def wanted_email(customer: Customer, request_id: UUID, now: datetime) -> Sealed:
    """The address that the token of a mail confirms. Raises `MailTokenNotAccepted`."""
    wanted = customer.wanted_email
    if not customer.is_active or wanted is None or not wanted.request.is_open(request_id, now):
        raise MailTokenNotAccepted
    return wanted.email


def deactivate(customer: Customer) -> list[CustomerEvent]:
    """Close the account; orders that are open go on."""
    return [CustomerDeactivated()] if customer.is_active else []


def erase(customer: Customer) -> list[CustomerEvent]:
    """Say that what is personal of a customer can be read by nobody any more."""
    return [] if customer.status is CustomerStatus.ERASED else [CustomerErased()]


def actions_now(customer: Customer) -> list[str]:
    """What may be done about a customer now; see `RuleBroken`."""
    match customer.status:
        case CustomerStatus.ACTIVE:
            return ["PATCH", "DELETE", "email", "password", "email-confirmation", "erasure"]
        case CustomerStatus.DEACTIVATED:
            return ["erasure"]
        case CustomerStatus.ERASED:
            return []


def require_active(customer: Customer) -> None:
    """Raises `CustomerNotActive` for an account that was closed."""
    if not customer.is_active:
        raise CustomerNotActive(customer).standing(customer.version, actions_now(customer))
