"""The e-mail addresses of customers: each is one customer's, by a stream of its own."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from commerce.customers.events import EmailClaimed
from commerce.eventstore import Aggregate, Event
from commerce.values import ids
from commerce.values.errors import RuleBroken
from commerce.values.text import normal


class EmailTaken(RuleBroken):
    """A customer has this e-mail address already. They keep it when they close their account."""

    def __init__(self) -> None:
        super().__init__("a customer with this e-mail address is registered already; log in, or send another address")


@dataclass(frozen=True, slots=True)
class EmailAddress(Aggregate):
    """An e-mail address, and whose it is."""

    customer_id: UUID


class EmailAddresses:
    """Names e-mail addresses by keyed hashes: without the master key nobody can find out one by trying."""

    def __init__(self, master_key: bytes) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=b"commerce: e-mail addresses of customers").derive(master_key)

    def claim(self, email: str) -> UUID:
        """The stream in which a customer claims an address; upper and lower case are the same address."""
        return ids.email_claim_id(self._digest(one_form(email)))

    def source(self, claim: UUID, network_address: str) -> str:
        """What logins with an address from one network address have in common; of two e-mail addresses, nothing."""
        return self._digest(f"{claim}\0{network_address}")[:32]

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()


def one_form(email: str) -> str:
    """The form in which addresses are compared: providers tell no capitals apart."""
    return normal(normal(email).lower())


def evolve(address: EmailAddress | None, event: Event) -> EmailAddress | None:
    """Apply one event."""
    if isinstance(event, EmailClaimed):
        return EmailAddress(event.originator_id, event.originator_version, event.customer_id)
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
