"""The events of a person's erasure, a stream of its own for each person: the schema of record.

A person is a customer, with an account or without, or the guest of one order, whom the order's id stands for.
"""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from commerce.eventstore import Event

PersonKind = Literal["customer", "guest"]

ErasureGround = Literal[
    "no_longer_needed", "consent_withdrawn", "objection", "unlawful", "legal_obligation", "offered_to_a_child"
]
"""Why a person's data is erased: the grounds of the General Data Protection Regulation, article 17 (1) (a) to (f)."""


class ErasureRequested(Event):
    """A person's data is to be erased as soon as their orders have ended; from now on they place no order.

    `again` where it was requested before, and a backup that does not know that was restored.
    """

    TOPIC: ClassVar[str] = "customers.ErasureRequested"
    SENTENCE: ClassVar[str] = "{who} asked for all personal data of {person_id} to be erased: {ground}"

    person_id: UUID
    kind: PersonKind
    ground: ErasureGround
    again: bool = False


class KeysDestroyed(Event):
    """The keys of these owners are destroyed: what was sealed with them can be read by nobody any more."""

    TOPIC: ClassVar[str] = "customers.KeysDestroyed"
    SENTENCE: ClassVar[str] = "The keys of the personal data of {person_id} were destroyed: it is erased"

    person_id: UUID
    keys: tuple[UUID, ...]


class ErasureCompleted(Event):
    """The certificate of what was erased: everything sealed with these keys, the person's mails in the outbox, and the
    claim of their e-mail address where they had one."""

    TOPIC: ClassVar[str] = "customers.ErasureCompleted"
    SENTENCE: ClassVar[str] = "The erasure of {person_id} is complete: data of {orders} orders can be read by nobody"

    person_id: UUID
    kind: PersonKind
    ground: ErasureGround
    requested_by: str
    keys: tuple[UUID, ...]
    orders: int
    address_released: bool


ErasureEvent = ErasureRequested | KeysDestroyed | ErasureCompleted
