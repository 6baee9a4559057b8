"""The simulated provider's book: every movement of money that really happened, in order, and what they add up to."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal

from commerce.values.money import Money, minor_digits
from workers.simulation.idempotency import now
from workers.simulation.ledger import ENTRIES_BY_TIME, Page, entries_page

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entries (
    entry_id INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL,
    authorization_id TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('authorized', 'declined', 'captured', 'voided', 'refunded')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_of_order ON entries (order_id);
CREATE INDEX IF NOT EXISTS entries_of_authorization ON entries (authorization_id);
{ENTRIES_BY_TIME}
CREATE UNIQUE INDEX IF NOT EXISTS one_capture ON entries (authorization_id) WHERE kind = 'captured';
"""
"""Amounts are in minor units, so that sums in SQL are exact."""


def book(
    connection: sqlite3.Connection, order_id: str, authorization_id: str | None, kind: str, amount: Money, *, key: str
) -> int:
    """Write one movement down and return its number."""
    row = (order_id, authorization_id, kind, to_minor(amount), amount.currency, key, now())
    (entry_id,) = connection.execute(
        "INSERT INTO entries (order_id, authorization_id, kind, amount, currency, idempotency_key, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING entry_id",
        row,
    ).fetchone()
    return int(entry_id)


def page(connection: sqlite3.Connection, order_id: str | None, after: int, limit: int) -> Page:
    """Movements after a number, oldest first, with the totals of all orders on the page."""
    rows, next_cursor = entries_page(connection, order_id, after, limit)
    items = [{**dict(row), "amount": amount_text(row["amount"], row["currency"])} for row in rows]
    orders = list(dict.fromkeys(row["order_id"] for row in rows))
    return {"items": items, "next_cursor": next_cursor, "totals": _totals(connection, orders)}


def to_minor(amount: Money) -> int:
    """An amount in minor units."""
    return int(amount.amount.scaleb(minor_digits(amount.currency)))


def from_minor(minor: int, currency: str) -> Money:
    """An amount of minor units."""
    return Money.of(Decimal(minor).scaleb(-minor_digits(currency)), currency)


def amount_text(minor: int, currency: str) -> str:
    """An amount of minor units as it stands in JSON."""
    return str(from_minor(minor, currency).amount)


def _totals(connection: sqlite3.Connection, orders: Sequence[str]) -> list[dict[str, object]]:
    """What each order's movements add up to; an open authorization is money set aside that was neither taken nor
    let go."""
    rows = connection.execute(
        f"""
        SELECT order_id, currency,
               coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0) AS captured,
               coalesce(sum(amount) FILTER (WHERE kind = 'refunded'), 0) AS refunded,
               coalesce(sum(amount) FILTER (WHERE kind = 'authorized'), 0)
                   - coalesce(sum(amount) FILTER (WHERE kind IN ('captured', 'voided')), 0) AS open_authorization
        FROM entries WHERE order_id IN ({", ".join("?" * len(orders))})
        GROUP BY order_id, currency ORDER BY min(entry_id)
        """,
        orders,
    )
    sums = ("captured", "refunded", "open_authorization")
    return [
        {
            "order_id": row["order_id"],
            "currency": row["currency"],
            **{name: amount_text(row[name], row["currency"]) for name in sums},
        }
        for row in rows
    ]
