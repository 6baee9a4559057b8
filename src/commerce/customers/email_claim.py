"""The e-mail addresses of customers: each is one customer's, by a stream of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from uuid import UUID

from commerce.credentials.email_hashes import EmailHashes
from commerce.customers.events import EmailAddressEvent, EmailClaimed, EmailReleased
from commerce.eventstore import Aggregate, Event, KeyRing
from commerce.values import ids
from commerce.values.errors import RuleBroken


class EmailTaken(RuleBroken):
    """A customer has this e-mail address already. They keep it when they close their account."""

    def __init__(self) -> None:
        super().__init__("a customer with this e-mail address is registered already; log in, or send another address")


@dataclass(frozen=True, slots=True)
class EmailAddress(Aggregate):
    """An e-mail address, and whose it is."""

    customer_id: UUID | None
    """None where it is nobody's any more."""


class EmailAddresses(EmailHashes):
    """Names the e-mail addresses of customers by keyed hashes."""

    def __init__(self, keys: KeyRing) -> None:
        super().__init__(keys, "e-mail addresses of customers")

    def claim(self, email: str) -> UUID:
        """The stream in which a customer claims an address."""
        return ids.email_claim_id(self.of(email))


def evolve(address: EmailAddress | None, event: Event) -> EmailAddress | None:
    """Apply one event."""
    match event:
        case EmailClaimed():
            return EmailAddress(event.originator_id, event.originator_version, event.customer_id)
        case EmailReleased():
            return EmailAddress(event.originator_id, event.originator_version, None)
    return address


def owner_of(history: Iterable[Event]) -> UUID | None:
    """Whose address it is; None where it is nobody's."""
    address: EmailAddress | None = reduce(evolve, history, None)
    return None if address is None else address.customer_id


def claim(history: Iterable[Event], customer_id: UUID) -> list[EmailClaimed]:
    """Claim an address for a customer who registers: appended with that, so that of two one conflicts.

    Raises `EmailTaken`.
    """
    if owner_of(history) is not None:
        raise EmailTaken
    return [EmailClaimed(customer_id=customer_id)]


def release(history: Iterable[Event], customer_id: UUID) -> list[EmailAddressEvent]:
    """Let a customer's address be nobody's, where it is still theirs."""
    return [EmailReleased(customer_id=customer_id)] if owner_of(history) == customer_id else []
