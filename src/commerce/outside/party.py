"""What every party outside has to offer."""

from __future__ import annotations

from typing import Protocol, TypeVar
from uuid import UUID

Outcome_co = TypeVar("Outcome_co", covariant=True)


class PartyPort(Protocol[Outcome_co]):
    """Does what it is asked, once for each idempotency key.

    An operation that is repeated with the same key and arguments is not done again: the first answer is given again, so
    that after `PartyUnavailable` any process can repeat it at any time. Every one raises `PartyUnavailable` where the
    outcome is unknown, and `RequestRejected` where the key stands for another request or the request makes no sense:
    nothing happened then, and a person has to look. `Postponed` means that it was not done now. An answer is what the
    party says, be it what it was asked or not: its caller compares the two.
    """

    async def find_operation(self, key: UUID) -> Outcome_co | None:
        """What happened under a key, without doing anything; None where nothing did. Raises `PartyUnavailable`.

        A call whose answer was not awaited to its end may still happen after this says None.
        """
