"""How orders are found: by what a support person types, in one field or wherever it fits.

Each way is a query of the places at which orders were placed (`first`), which an index answers in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.eventstore import Pool, connection_from
from projections.engine.pages import Condition
from projections.engine.terms import forget_personal_terms

_ORDERS, _TERMS = "projections.orders", "projections.orders_terms"
_TABLES = "schemaname = 'projections' AND tablename ~ '^orders(_rebuild_[0-9]+)?$'"
"""The condition for the table of orders, and those that are being filled beside it."""
LONGEST_BATCH_S = 60.0
"""Seconds within which a batch of a rebuild is written that has been read; PostgreSQL ends transactions sooner."""
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


def changed_after(position: int) -> Condition:
    """Only orders to which something happened after a position of the log."""
    return Condition("position > %s", [position])


async def may_remember(pool: Pool, destroyed_at: datetime) -> bool:
    """Whether a rebuild of the orders may still write what it read of a person before their key was destroyed: while
    one is under way, in batches that began before, none of which takes as long as `LONGEST_BATCH_S`."""
    async with connection_from(pool) as connection:
        cursor = await connection.execute(
            f"""SELECT EXISTS (SELECT FROM pg_tables WHERE {_TABLES} AND tablename <> 'orders')
                       AND clock_timestamp() < %s + make_interval(secs => %s)""",
            [destroyed_at, LONGEST_BATCH_S],
        )
        return await cursor.fetchone() == (True,)


async def forget_person(pool: Pool, owner: UUID) -> int:
    """Have no order be found any more by what is personal of a customer, or of the guest of an order; answers by how
    many terms that were.

    For erasure: to be called once the key of `owner` is destroyed, and again until `may_remember` says no. Then no
    process can make these terms again, and neither does a rebuild.
    """
    async with connection_from(pool) as connection:
        cursor = await connection.execute(f"SELECT 'projections.' || tablename FROM pg_tables WHERE {_TABLES}")
        tables = [row[0] for row in await cursor.fetchall()]
        return sum(
            [
                await forget_personal_terms(connection, table, "customer_id = %(key)s OR order_id = %(key)s", owner)
                for table in tables
            ]
        )
