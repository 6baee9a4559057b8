"""The simulated carrier's rules: where it goes, when it arrives, what can still be called off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from workers.simulation import shipments
from workers.simulation.idempotency import StoredAnswer


@pytest.fixture
def ledger() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(shipments.SCHEMA)
    yield connection
    connection.close()


def book(ledger: sqlite3.Connection, key: str = "k", country: str = "GB") -> StoredAnswer:
    return shipments.book(ledger, key, "order", country, 1)


def kinds(ledger: sqlite3.Connection) -> list[str]:
    return [row["kind"] for row in ledger.execute("SELECT kind FROM entries ORDER BY entry_id")]


@pytest.mark.parametrize(("country", "days"), [("GB", 1), ("DE", 2), ("IT", 3), ("JP", 7)])
def test_the_estimate_is_so_many_days_by_country(ledger: sqlite3.Connection, country: str, days: int) -> None:
    before = datetime.now(UTC).date()
    estimate = date.fromisoformat(str(book(ledger, country=country).body["estimated_delivery"]))
    after = datetime.now(UTC).date()
    assert days in {(estimate - before).days, (estimate - after).days}


def test_the_tracking_number_comes_from_the_key() -> None:
    assert shipments.tracking_number("a") == shipments.tracking_number("a") != shipments.tracking_number("b")


def test_antarctica_is_not_served(ledger: sqlite3.Connection) -> None:
    answer = book(ledger, country="AQ")
    assert (answer.status_code, answer.body["code"]) == (422, "country_not_served")
    assert kinds(ledger) == ["refused"]


def test_a_booking_can_be_called_off_until_it_is_collected(ledger: sqlite3.Connection) -> None:
    called_off, collected = (str(book(ledger, key).body["shipment_id"]) for key in ("a", "b"))
    assert shipments.cancel(ledger, "c", called_off).body["status"] == "cancelled"
    assert shipments.collect(ledger, "d", called_off).body["code"] == "already_cancelled"
    assert shipments.collect(ledger, "e", collected).body["status"] == "collected"
    assert shipments.cancel(ledger, "f", collected).body["code"] == "already_collected"
    assert kinds(ledger) == ["booked", "booked", "cancelled", "collected"]
    assert shipments.page(ledger, None, 0, 10)["totals"] == [
        {"order_id": "order", "booked": 2, "collected": 1, "cancelled": 1, "open": 0}
    ]


def test_calling_off_twice_is_one_event(ledger: sqlite3.Connection) -> None:
    booking = str(book(ledger).body["shipment_id"])
    assert shipments.cancel(ledger, "a", booking) == shipments.cancel(ledger, "b", booking)
    assert kinds(ledger) == ["booked", "cancelled"]
