"""What the customers of the simulated provider have to do before money is set aside, and whether they did it.

A customer does it once: whatever comes after that, or after the authorisation was ended, changes nothing.
"""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass
from html import escape
from typing import Literal

from workers.simulation.money_entries import book, from_minor

SCHEMA = """
CREATE TABLE IF NOT EXISTS actions (
    authorization_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    return_url TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'ended'))
) WITHOUT ROWID;
"""

PLACE = "/customer-actions"
"""Where customers act; they need no credential."""


@dataclass(frozen=True, slots=True)
class Action:
    """What one customer has to do, and where they go afterwards."""

    authorization_id: str
    order_id: str
    amount: int
    currency: str
    idempotency_key: str
    return_url: str | None
    state: Literal["waiting", "done", "failed", "ended"]


def await_customer(connection: sqlite3.Connection, action: Action) -> None:
    """Set nothing aside before the customer has acted."""
    connection.execute("INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(action))


def find_action(connection: sqlite3.Connection, id_: str) -> Action | None:
    """What the customer has to do under an authorisation, if anything."""
    row = connection.execute("SELECT * FROM actions WHERE authorization_id = ?", (id_,)).fetchone()
    return None if row is None else Action(*row)


def act(connection: sqlite3.Connection, id_: str, *, succeeds: bool) -> Action | None:
    """The customer acts: the money is set aside, or the bank declines; None where nothing is known of it."""
    action = find_action(connection, id_)
    if action is None or action.state != "waiting":
        return action
    kind, state = ("authorized", "done") if succeeds else ("declined", "failed")
    amount = from_minor(action.amount, action.currency)
    book(connection, action.order_id, id_, kind, amount, key=action.idempotency_key)
    _move(connection, id_, state)
    return find_action(connection, id_)


def end_action(connection: sqlite3.Connection, id_: str) -> None:
    """Nothing is set aside any more, whatever the customer does."""
    _move(connection, id_, "ended")


def _move(connection: sqlite3.Connection, id_: str, state: str) -> None:
    connection.execute("UPDATE actions SET state = ? WHERE authorization_id = ?", (state, id_))


def customer_page(action: Action) -> str:
    """The page that a customer sees."""
    told = {
        "waiting": "Is it you who pays?",
        "done": "Thank you. The money is set aside.",
        "failed": "Your bank declined. Nothing is paid.",
        "ended": "This payment is over. Nothing is paid.",
    }
    amount = escape(str(from_minor(action.amount, action.currency)))
    buttons = "".join(
        f'<form method="post" action="{escape(action.authorization_id)}/{path}"><button>{label}</button></form>'
        for path, label in (("confirmation", "Yes, pay"), ("rejection", "No"))
    )
    back = f'<p><a href="{escape(action.return_url)}">Back to the shop</a></p>' if action.return_url else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulated bank</title>'
        f"<h1>Simulated bank</h1><p>{amount}</p><p>{told[action.state]}</p>"
        f"{buttons if action.state == 'waiting' else back}</html>"
    )
