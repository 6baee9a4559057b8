"""The rules of the simulated carrier: where it goes, when it arrives, and until when a booking can be called off.

It keeps the country of a shipment and nothing else of its recipient.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from workers.simulation.idempotency import StoredAnswer, now, problem
from workers.simulation.ledger import ENTRIES_BY_TIME, Page, entries_page, moved_page

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS shipments (
    shipment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    country TEXT NOT NULL,
    parcels INTEGER NOT NULL,
    tracking_number TEXT NOT NULL UNIQUE,
    estimated_delivery TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('booked', 'collected', 'cancelled'))
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shipments_of_order ON shipments (order_id);
CREATE TABLE IF NOT EXISTS entries (
    entry_id INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL,
    shipment_id TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('booked', 'refused', 'collected', 'cancelled')),
    country TEXT NOT NULL,
    tracking_number TEXT,
    idempotency_key TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_of_order ON entries (order_id);
CREATE INDEX IF NOT EXISTS entries_of_shipment ON entries (shipment_id);
{ENTRIES_BY_TIME}
"""

CARRIER = "Simulated Parcels"
NOT_SERVED = frozenset({"AQ"})
DAYS = {
    "GB": 1,
    **dict.fromkeys(("BE", "DE", "DK", "FR", "IE", "LU", "NL"), 2),
    **dict.fromkeys(("AT", "CH", "ES", "IT"), 3),
}
"""Days from booking to delivery, by country."""
DAYS_ELSEWHERE = 7

_SHIPMENT = UUID("5d0f6d0e-6c5e-5a3c-8f0c-0b7c6f1f2b61")


def book(connection: sqlite3.Connection, key: str, order_id: str, country: str, parcels: int) -> StoredAnswer:
    """Take a booking, unless the country is not served; the same key always gets the same tracking number."""
    if country in NOT_SERVED:
        _write(connection, "refused", order_id, country, None, key=key)
        return problem(422, "country_not_served", f"We do not deliver to {country}.")
    shipment = {
        "shipment_id": f"ship_{uuid5(_SHIPMENT, key).hex}",
        "order_id": order_id,
        "country": country,
        "parcels": parcels,
        "tracking_number": tracking_number(key),
        "estimated_delivery": str(datetime.now(UTC).date() + timedelta(days=DAYS.get(country, DAYS_ELSEWHERE))),
        "status": "booked",
    }
    connection.execute(
        "INSERT INTO shipments VALUES (:shipment_id, :order_id, :country, :parcels, :tracking_number,"
        " :estimated_delivery, :status)",
        shipment,
    )
    _write(connection, "booked", order_id, country, shipment, key=key)
    return StoredAnswer(201, {**shipment, "carrier": CARRIER})


def cancel(connection: sqlite3.Connection, key: str, shipment_id: str) -> StoredAnswer:
    """Call a booking off, unless the parcels are collected; one called off before stays so."""
    return _move(
        connection, key, shipment_id, "cancelled", problem(409, "already_collected", "The parcels are on their way.")
    )


def collect(connection: sqlite3.Connection, key: str, shipment_id: str) -> StoredAnswer:
    """Note that the driver has the parcels, unless the booking was called off."""
    return _move(
        connection, key, shipment_id, "collected", problem(409, "already_cancelled", "The booking was called off.")
    )


def show(connection: sqlite3.Connection, shipment_id: str) -> StoredAnswer:
    """A shipment as it stands, for who asks."""
    found = _state(connection, shipment_id)
    return _NOT_FOUND if found is None else StoredAnswer(200, found)


def moved_shipments(connection: sqlite3.Connection, since: str, after: int, limit: int) -> StoredAnswer:
    """The shipments of which something became since a time, each as it stands."""
    ids, next_cursor = moved_page(connection, "shipment_id", since, after, limit)
    return StoredAnswer(200, {"items": [_state(connection, id_) for id_ in ids], "next_cursor": next_cursor})


def page(connection: sqlite3.Connection, order_id: str | None, after: int, limit: int) -> Page:
    """What happened after a number, oldest first, with the totals of all orders on the page."""
    rows, next_cursor = entries_page(connection, order_id, after, limit)
    orders = list(dict.fromkeys(row["order_id"] for row in rows))
    return {"items": [dict(row) for row in rows], "next_cursor": next_cursor, "totals": _totals(connection, orders)}


def tracking_number(key: str) -> str:
    """The tracking number of the booking under a key."""
    return f"SP{base64.b32encode(hashlib.sha256(key.encode()).digest()[:10]).decode()}"


_NOT_FOUND = problem(404, "shipment_not_found", "There is no such shipment.")


def _move(
    connection: sqlite3.Connection, key: str, shipment_id: str, status: str, rejection: StoredAnswer
) -> StoredAnswer:
    row = _find(connection, shipment_id)
    if row is None:
        return _NOT_FOUND
    if row["status"] not in {"booked", status}:
        return rejection
    if row["status"] == "booked":
        connection.execute("UPDATE shipments SET status = ? WHERE shipment_id = ?", (status, shipment_id))
        _write(connection, status, row["order_id"], row["country"], dict(row), key=key)
    return StoredAnswer(200, {**dict(row), "carrier": CARRIER, "status": status})


def _state(connection: sqlite3.Connection, shipment_id: str) -> dict[str, object] | None:
    row = _find(connection, shipment_id)
    if row is None:
        return None
    (moved_at,) = connection.execute("SELECT max(at) FROM entries WHERE shipment_id = ?", (shipment_id,)).fetchone()
    return {**dict(row), "carrier": CARRIER, "moved_at": moved_at}


def _find(connection: sqlite3.Connection, shipment_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM shipments WHERE shipment_id = ?", (shipment_id,)
    ).fetchone()
    return row


def _write(
    connection: sqlite3.Connection,
    kind: str,
    order_id: str,
    country: str,
    shipment: dict[str, object] | None,
    *,
    key: str,
) -> None:
    id_, tracking = (shipment["shipment_id"], shipment["tracking_number"]) if shipment else (None, None)
    connection.execute(
        "INSERT INTO entries (order_id, shipment_id, kind, country, tracking_number, idempotency_key, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (order_id, id_, kind, country, tracking, key, now()),
    )


def _totals(connection: sqlite3.Connection, orders: Sequence[str]) -> list[dict[str, object]]:
    """How many shipments of each order are booked in all, and how they stand."""
    rows = connection.execute(
        f"""
        SELECT order_id, count(*) AS booked,
               count(*) FILTER (WHERE status = 'collected') AS collected,
               count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
               count(*) FILTER (WHERE status = 'booked') AS open
        FROM shipments WHERE order_id IN ({", ".join("?" * len(orders))})
        GROUP BY order_id ORDER BY order_id
        """,
        orders,
    )
    return [dict(row) for row in rows]
