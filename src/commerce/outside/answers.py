"""What the answers of all parties have alike."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


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
