"""The facts of the audit itself: who looked at whose data. The schema of record."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commerce.eventstore.event import Event


class PersonalDataRead(Event):
    """Somebody was shown what belongs to other people: the orders they were shown, and what of them (`GET` and a route)."""

    TOPIC: ClassVar[str] = "audit.PersonalDataRead"

    what: str
    orders: tuple[UUID, ...]


AuditEvent = PersonalDataRead
