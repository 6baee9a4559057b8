"""What every party outside has to offer, and what the answers of all have alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar
from uuid import UUID

Outcome_co = TypeVar("Outcome_co", covariant=True)


@dataclass(frozen=True, slots=True)
class RequestOnRecord:
    """A request that a party is asked about, by all that is on record of it."""

    key: UUID
    """Its idempotency key."""
    operation: str
    party_id: str | None = None
    """What the party calls the thing that the request is about; None where it never said, or that is not on record."""


class PartyPort(Protocol[Outcome_co]):
    """Does what it is asked, once for each idempotency key.

    An operation that is repeated with the same key and arguments is not done again: the first answer is given again, so
    that after `PartyUnavailable` any process can repeat it at any time. Every one raises `PartyUnavailable` where the
    outcome is unknown, and `RequestRejected` where the key stands for another request or the request makes no sense:
    nothing happened then, and a person has to look. `Postponed` means that it was not done now. An answer is what the
    party says, be it what it was asked or not: its caller compares the two.
    """

    is_asked_by_key: ClassVar[bool]
    """Whether it is asked about idempotency keys, which it forgets after a day, and not about things of its own."""

    async def find_operation(self, request: RequestOnRecord) -> Outcome_co | None:
        """What became of a request, without doing anything; None where nothing did. Raises `PartyUnavailable`.

        A party that cannot be asked about a key is asked about what the request is about. A call whose answer was not
        awaited to its end may still happen after this says None.
        """

    async def check_credential(self, request: RequestOnRecord) -> None:
        """Make a call for a request that does nothing. Raises `Postponed` while the party does not take our
        credential, `PartyUnavailable`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What an answer names, beyond what was done; None where it names nothing, or nothing that can be read."""

    order_id: str | None = None
    unreadable: tuple[str, ...] = ()
    """What is missing of it, or cannot be read or used, in words."""
    is_of_another: bool = False
    """Whether it says itself that it is about another request than was asked about."""

    def is_of_another_order(self, order_id: UUID) -> bool:
        """Whether it says that it is about another order than this one; a UUID has several spellings."""
        if self.order_id is None:
            return False
        try:
            return UUID(self.order_id) != order_id
        except ValueError:
            return True
