"""The events of an API key of a service (a stream per key): the schema of record. The key itself stands nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from commerce.eventstore import Event


class ApiKeyIssued(Event):
    """A service can ask the API with a key from now on."""

    TOPIC: ClassVar[str] = "machines.ApiKeyIssued"
    SENTENCE: ClassVar[str] = "{who} issued a key for the service {service}, good for {scopes} until {expires_at}"

    service: str
    scopes: tuple[str, ...]
    digest: str
    """SHA-256 of the key, in hex."""
    beginning: str
    """How the key begins, by which people tell keys apart."""
    expires_at: datetime
    replaces: UUID | None = None
    """The key in whose place it was issued."""


class ApiKeyReplaced(Event):
    """A service has another key, and this one ends at a stated time, if not before."""

    TOPIC: ClassVar[str] = "machines.ApiKeyReplaced"
    SENTENCE: ClassVar[str] = (
        "{who} had this key of the service {service} end at {ends_at}, as another one takes its place"
    )

    service: str
    successor: UUID
    ends_at: datetime


class ApiKeyRevoked(Event):
    """A key is not accepted any more."""

    TOPIC: ClassVar[str] = "machines.ApiKeyRevoked"
    SENTENCE: ClassVar[str] = "{who} revoked this key of the service {service}"

    service: str


ApiKeyEvent = ApiKeyIssued | ApiKeyReplaced | ApiKeyRevoked
