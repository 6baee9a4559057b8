"""The events of the audit itself: who looked at whose data, and who was given a token. The schema of record."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event


class PersonalDataRead(Event):
    """A person was shown data of others: which orders and customers, and what of them (`GET` and a route)."""

    TOPIC: ClassVar[str] = "audit.PersonalDataRead"
    SENTENCE: ClassVar[str] = "{who} looked at {looked_at} ({what})"
    class_version: ClassVar[int] = 2

    what: str
    orders: tuple[UUID, ...]
    customers: tuple[UUID, ...] = ()

    @staticmethod
    def upcast_v1_v2(_fields: dict[str, object]) -> None:
        """There were no customers to look at."""


class TokenIssued(Event):
    """A user of a machine's command line was given a token, which names a role and a subject; its `jti` is the
    stream."""

    TOPIC: ClassVar[str] = "audit.TokenIssued"
    SENTENCE: ClassVar[str] = (
        "A token for {role} {subject}, good until {expires_at}, was given to {os_user} on {host} (commerce {command})"
    )
    class_version: ClassVar[int] = 2

    token_id: UUID
    role: str
    subject: str
    expires_at: datetime
    command: str
    """What it was issued for, such as `token`, `play` or `up`."""
    os_user: str
    host: str
    scopes: tuple[str, ...] | None = None
    """What it is good for; None for all that the role may do."""

    @staticmethod
    def upcast_v1_v2(_fields: dict[str, object]) -> None:
        """There were no scopes."""


AuditEvent = PersonalDataRead | TokenIssued
