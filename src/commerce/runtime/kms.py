"""What a key management service has to offer: it keeps master keys wrapped with a key that never leaves it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class KeyService(Protocol):
    """A key management service. Its calls block for a few seconds at most; they are made in a thread, when a process
    starts or meets a master key that it does not have yet, and never for a request."""

    @property
    def name(self) -> str:
        """What people call it, and the key in it, such as `aws-kms alias/commerce`."""

    def wrap(self, key_id: UUID, master_key: bytes) -> bytes:
        """A master key, wrapped. Raises `Unavailable` where the service does not answer, `BadUsage` where it
        refuses."""

    def unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        """The master key of what `wrap` answered, for the same id. Raises as `wrap` does."""
