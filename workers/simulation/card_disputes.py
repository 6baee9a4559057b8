"""Disputes at the simulated payment provider: somebody says that a customer disputes, and how that ends."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from commerce.values.dispute import DisputeOutcome
from commerce.values.money import Money
from workers.simulation.idempotency import StoredAnswer, now, problem
from workers.simulation.money_entries import amount_text, to_minor

SCHEMA = """
CREATE TABLE IF NOT EXISTS disputes (
    number INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL,
    authorization_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'won', 'lost', 'withdrawn')),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    answer_by TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS disputes_of_authorization ON disputes (authorization_id);
"""
"""What a bank withholds meanwhile stands in no entry: those are what the shop had moved."""

ANSWER_WITHIN_DAYS = 14

DISPUTES_BEGIN = 2**62
"""Where disputes begin in the listing of what moved: after all movements of money, whose cursors are smaller."""


@dataclass(frozen=True, slots=True)
class DisputeTerms:
    """What the customer tells the bank; without an amount, all that is left of what was taken."""

    amount: str | None
    reason: str
    answer_by: datetime | None


def enter_dispute(
    connection: sqlite3.Connection, order_id: str, authorization_id: str, amount: Money, terms: DisputeTerms
) -> StoredAnswer:
    """Write a dispute down; the shop has two weeks to answer where nothing else is said."""
    answer_by = terms.answer_by or datetime.now(UTC) + timedelta(days=ANSWER_WITHIN_DAYS)
    row = (order_id, authorization_id, to_minor(amount), amount.currency, terms.reason, answer_by.isoformat(), now())
    written = connection.execute(
        "INSERT INTO disputes (order_id, authorization_id, status, amount, currency, reason, answer_by, at)"
        " VALUES (?, ?, 'open', ?, ?, ?, ?, ?) RETURNING *",
        row,
    ).fetchone()
    return StoredAnswer(201, _shown(written))


def close(connection: sqlite3.Connection, _key: str, dispute_id: str, outcome: DisputeOutcome) -> StoredAnswer:
    """Have the bank decide, or the customer withdraw."""
    found = connection.execute("SELECT * FROM disputes WHERE 'dp_' || number = ?", (dispute_id,)).fetchone()
    if found is None:
        return problem(404, "dispute_not_found", "There is no such dispute.")
    if found["status"] != "open":
        return problem(409, "dispute_closed", f"The dispute is {found['status']}.")
    connection.execute("UPDATE disputes SET status = ?, at = ? WHERE number = ?", (outcome, now(), found["number"]))
    return StoredAnswer(200, {**_shown(found), "status": outcome})


def shown(connection: sqlite3.Connection, authorization_id: str) -> list[dict[str, object]]:
    """The disputes of an authorization, oldest first."""
    rows = connection.execute("SELECT * FROM disputes WHERE authorization_id = ? ORDER BY number", (authorization_id,))
    return [_shown(row) for row in rows]


def last_moved_at(connection: sqlite3.Connection, authorization_id: str) -> str | None:
    """When a dispute of an authorization was opened or ended last; None without any."""
    found = connection.execute("SELECT max(at) FROM disputes WHERE authorization_id = ?", (authorization_id,))
    at: str | None = found.fetchone()[0]
    return at


def disputed_page(connection: sqlite3.Connection, since: str, after: int, limit: int) -> tuple[list[str], str | None]:
    """The authorizations of disputes that were opened or ended since a time, after a cursor of this listing, and the
    cursor of the next page."""
    rows = connection.execute(
        "SELECT number, authorization_id FROM disputes WHERE at >= ? AND number > ? ORDER BY number LIMIT ?",
        (since, after - DISPUTES_BEGIN, limit + 1),
    ).fetchall()
    ids = list(dict.fromkeys(row["authorization_id"] for row in rows[:limit]))
    return ids, str(DISPUTES_BEGIN + rows[limit - 1]["number"]) if len(rows) > limit else None


def holds_money(connection: sqlite3.Connection, authorization_id: str) -> bool:
    """Whether a bank has money of an authorization, or still decides on it; it cannot be given back then."""
    return (
        connection.execute(
            "SELECT 1 FROM disputes WHERE authorization_id = ? AND status IN ('open', 'lost')", (authorization_id,)
        ).fetchone()
        is not None
    )


def _shown(row: sqlite3.Row) -> dict[str, object]:
    named = ("authorization_id", "status", "currency", "reason", "answer_by")
    return {
        "dispute_id": f"dp_{row['number']}",
        **{name: row[name] for name in named},
        "amount": amount_text(row["amount"], row["currency"]),
    }
