"""How orders are found: by what a support person types, in one field or wherever it fits.

Each way is a query of the places at which orders were placed (`first`), which an index answers in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from commerce.eventstore import Pool, connection_from
from projections.engine.pages import Condition
from projections.engine.terms import forget_personal_terms

_ORDERS, _TERMS = "projections.orders", "projections.orders_terms"
_WITH_TERM = f"SELECT first FROM {_TERMS} WHERE term = %s"


@dataclass(frozen=True, slots=True)
class Places:
    """A query of places, with its parameters."""

    sql: str
    parameters: Sequence[object]


def placed_at(position: int) -> Places:
    """The order that was placed at a position of the log."""
    return Places(f"SELECT first FROM {_ORDERS} WHERE first = %s", [position])


def with_id(order_id: UUID) -> Places:
    """The order of an id."""
    return Places(f"SELECT first FROM {_ORDERS} WHERE order_id = %s", [order_id])


def of_customer(customer_id: UUID) -> Places:
    """The orders of a customer."""
    return Places(f"SELECT first FROM {_ORDERS} WHERE customer_id = %s", [customer_id])


def with_reference(reference_id: UUID) -> Places:
    """The orders with a reference, in whichever channel."""
    return Places(f"SELECT first FROM {_ORDERS} WHERE reference_id = %s", [reference_id])


def with_terms(terms: Sequence[UUID]) -> Places:
    """The orders that are found by each of these terms; there is at least one."""
    return Places(" INTERSECT ".join([_WITH_TERM] * len(terms)), terms)


def any_of(found: Sequence[Places]) -> Places:
    """What any of several finds."""
    return Places(" UNION ".join(f"({one.sql})" for one in found), [value for one in found for value in one.parameters])


def among(found: Places) -> Condition:
    """Only orders at these places."""
    return Condition(f"first IN ({found.sql})", found.parameters)


def among_few(found: Places) -> Condition:
    """The same where the places are collected first; the orders are then read in order, as far as a page needs."""
    return Condition(f"first = ANY(ARRAY({found.sql}))", found.parameters)


def placed_between(begin: int, end: int) -> Condition:
    """Only orders placed from one position of the log on, and before another."""
    return Condition("first >= %s AND first < %s", [begin, end])


async def forget_person(pool: Pool, owner: UUID) -> int:
    """Have no order be found any more by what is personal of a customer, or of the guest of an order; answers by how
    many terms that were.

    For erasure: to be called once the key of `owner` is destroyed, and the orders' read model and rebuilds under way
    have passed the position of that. Then no process can make these terms again, and neither does a rebuild.
    """
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            "SELECT 'projections.' || tablename FROM pg_tables"
            " WHERE schemaname = 'projections' AND tablename ~ '^orders(_rebuild_[0-9]+)?$'"
        )
        tables = [row[0] for row in await cursor.fetchall()]
        return sum(
            [
                await forget_personal_terms(connection, table, "customer_id = %(key)s OR order_id = %(key)s", owner)
                for table in tables
            ]
        )
