"""How many pieces each order holds of a stock item: an immutable map that stays cheap to change when it is large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

_PARTS = 256
_NONE: Mapping[UUID, int] = {}


@dataclass(frozen=True, slots=True)
class Holdings:
    """Pieces per order, in parts by the order's id, so that a change copies one part and not the whole."""

    parts: tuple[Mapping[UUID, int], ...] = (_NONE,) * _PARTS

    @staticmethod
    def by_order(held: Mapping[UUID, int]) -> Holdings:
        """As many pieces as are given for each order."""
        parts: tuple[dict[UUID, int], ...] = tuple({} for _ in range(_PARTS))
        for order_id, pieces in held.items():
            parts[order_id.int % _PARTS][order_id] = pieces
        return Holdings(parts)

    def pieces(self, order_id: UUID) -> int:
        """How many pieces an order holds."""
        return self.parts[order_id.int % _PARTS].get(order_id, 0)

    def items(self) -> Iterator[tuple[UUID, int]]:
        """Every order that holds pieces, with how many."""
        return (held for part in self.parts for held in part.items())

    def changed(self, order_id: UUID, by: int) -> Holdings:
        """The same, but with `by` more pieces for one order; an order that holds nothing takes no room."""
        index = order_id.int % _PARTS
        part = {**self.parts[index], order_id: self.pieces(order_id) + by}
        if not part[order_id]:
            del part[order_id]
        return Holdings((*self.parts[:index], part, *self.parts[index + 1 :]))
