"""The rules of the simulated payment provider: what its cards do, and what may be done with money set aside."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from workers.simulation import card_disputes, customer_actions, money_entries
from workers.simulation.card_disputes import DisputeTerms
from workers.simulation.idempotency import StoredAnswer, now, problem
from workers.simulation.ledger import moved_page
from workers.simulation.money_entries import amount_text, book, from_minor, to_minor

SCHEMA = f"""
{money_entries.SCHEMA}
{customer_actions.SCHEMA}
{card_disputes.SCHEMA}
CREATE TABLE IF NOT EXISTS authorizations (
    authorization_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    currency TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hold_limit (only INTEGER PRIMARY KEY CHECK (only = 1), seconds INTEGER NOT NULL);
INSERT OR IGNORE INTO hold_limit VALUES (1, 604800);
CREATE TABLE IF NOT EXISTS failures (idempotency_key TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""
"""The entries are the truth about money; an authorization's state is summed up from them."""

OK = "pm_card_ok"
DECLINED = "pm_card_declined"
ERROR = "pm_card_error"
"""Every call fails and books nothing."""
FLAKY = "pm_card_flaky"
"""The first calls of each key fail and book nothing."""
TIMEOUT = "pm_card_timeout"
"""The first authorise and the first capture of each key are booked, and their answer is lost."""

ACTION = "pm_card_action"
"""Nothing is booked before the customer has confirmed."""

METHODS = (OK, DECLINED, ERROR, FLAKY, TIMEOUT, ACTION)
"""All there are."""

FLAKY_FAILURES = 2

_AUTHORIZATION = UUID("0f1f7c5e-1d6c-5c37-9a53-2e2b2d3f9f10")


@dataclass(frozen=True, slots=True)
class Authorization:
    """Money set aside for an order and what became of it, in minor units."""

    authorization_id: str
    order_id: str
    payment_method: str
    currency: str
    authorized: int
    captured: int
    voided: int
    refunded: int
    moved_at: str | None
    action: customer_actions.Action | None = None
    """What its customer has, or had, to do."""

    @property
    def amount(self) -> int:
        """What is set aside, or is to be."""
        return self.action.amount if self.action else self.authorized

    @property
    def is_over(self) -> bool:
        """Whether it was let go, or ended before it held anything."""
        return bool(self.voided) or (self.action is not None and self.action.state == "ended")

    @property
    def status(self) -> str:
        """What was done to it last; `refunded` only once all that was taken is given back."""
        if self.captured:
            return "refunded" if self.refunded == self.captured else "captured"
        if self.is_over:
            return "voided"
        waits = {"waiting": "action_required", "failed": "declined"}
        return waits.get(self.action.state, "authorized") if self.action else "authorized"


def authorize(
    connection: sqlite3.Connection,
    key: str,
    order_id: str,
    amount: Money,
    payment_method: str,
    *,
    return_url: str | None = None,
    address: str = "",
) -> StoredAnswer:
    """Set money aside, or do what the card does instead; customers act below `address`, and go to `return_url`."""
    if payment_method not in METHODS:
        return problem(422, "unknown_payment_method", "There is no such payment method.")
    if _fails(connection, key, payment_method):
        return _BROKEN
    if payment_method == DECLINED:
        book(connection, order_id, None, "declined", amount, key=key)
        return problem(402, "card_declined", "The card's bank declined.")
    id_ = f"auth_{uuid5(_AUTHORIZATION, key).hex}"
    row = (id_, order_id, payment_method, amount.currency)
    connection.execute("INSERT INTO authorizations VALUES (?, ?, ?, ?)", row)
    if payment_method == ACTION:
        action = customer_actions.Action(id_, order_id, to_minor(amount), amount.currency, key, return_url, "waiting")
        customer_actions.await_customer(connection, action)
        url = f"{address}{customer_actions.PLACE}/{id_}"
        waits = {"status": "action_required", "authorization_id": id_, "order_id": order_id, "redirect_url": url}
        return StoredAnswer(201, {**waits, **_json(amount)})
    book(connection, order_id, id_, "authorized", amount, key=key)
    until = {"held_until": _held_until(connection, now())}
    body = {"status": "authorized", "authorization_id": id_, "order_id": order_id, **_json(amount), **until}
    return StoredAnswer(201, body, lost=payment_method == TIMEOUT)


def capture(connection: sqlite3.Connection, key: str, id_: str, amount: str, currency: str | None) -> StoredAnswer:
    """Take money, once; what is set aside beyond it is let go. Raises `InvalidInput` for an amount that makes no
    sense."""
    found = find(connection, id_)
    if found is None:
        return NOT_FOUND
    money = parse_amount(amount, currency or found.currency, found.currency)
    if _fails(connection, key, found.payment_method):
        return _BROKEN
    if found.captured or found.is_over:
        return _already(found)
    if not found.authorized:
        return problem(409, "action_required", "The customer has not confirmed.")
    rest = found.authorized - to_minor(money)
    if rest < 0:
        return problem(422, "amount_too_large", f"Only {from_minor(found.authorized, found.currency)} is set aside.")
    book(connection, found.order_id, id_, "captured", money, key=key)
    if rest:
        book(connection, found.order_id, id_, "voided", from_minor(rest, found.currency), key=key)
    body = {"status": "captured", "authorization_id": id_, **_json(money)}
    return StoredAnswer(200, body, lost=found.payment_method == TIMEOUT)


def void(connection: sqlite3.Connection, key: str, id_: str) -> StoredAnswer:
    """Let go of money that was not taken."""
    found = find(connection, id_)
    if found is None:
        return NOT_FOUND
    if _fails(connection, key, found.payment_method):
        return _BROKEN
    if found.captured or found.is_over:
        return _already(found)
    answer = StoredAnswer(200, {"status": "voided", "authorization_id": id_})
    if not found.authorized:
        customer_actions.end_action(connection, id_)
        return answer
    book(connection, found.order_id, id_, "voided", from_minor(found.authorized, found.currency), key=key)
    return answer


def refund(connection: sqlite3.Connection, key: str, id_: str, amount: str, currency: str | None) -> StoredAnswer:
    """Give money back, in all no more than was taken. Raises `InvalidInput` for an amount that makes no sense."""
    found = find(connection, id_)
    if found is None:
        return NOT_FOUND
    money = parse_amount(amount, currency or found.currency, found.currency)
    if _fails(connection, key, found.payment_method):
        return _BROKEN
    if not found.captured:
        return problem(409, "not_captured", "No money was taken that could be given back.")
    if card_disputes.holds_money(connection, id_):
        return problem(409, "disputed", "The customer's bank has the money, or decides on it.")
    left = found.captured - found.refunded
    if to_minor(money) > left:
        return problem(422, "amount_too_large", f"Only {from_minor(left, found.currency)} is left to give back.")
    entry_id = book(connection, found.order_id, id_, "refunded", money, key=key)
    body = {"status": "refunded", "refund_id": f"re_{entry_id}", "authorization_id": id_, **_json(money)}
    return StoredAnswer(201, body)


def set_hold_limit(connection: sqlite3.Connection, seconds: int) -> None:
    """Let go of money that was set aside after so many seconds from now on."""
    connection.execute("UPDATE hold_limit SET seconds = ?", (seconds,))


def _held_until(connection: sqlite3.Connection, authorized_at: str) -> str:
    (seconds,) = connection.execute("SELECT seconds FROM hold_limit").fetchone()
    return (datetime.fromisoformat(authorized_at) + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def open_dispute(connection: sqlite3.Connection, _key: str, id_: str, terms: DisputeTerms) -> StoredAnswer:
    """Have the customer's bank dispute what was taken. Raises `InvalidInput` for an amount that makes no sense."""
    found = find(connection, id_)
    if found is None:
        return NOT_FOUND
    if not found.captured:
        return problem(409, "not_captured", "No money was taken that could be disputed.")
    left = from_minor(found.captured - found.refunded, found.currency)
    money = left if terms.amount is None else parse_amount(terms.amount, found.currency)
    if not money or left < money:
        return problem(422, "amount_too_large", f"Only {left} is left of what was taken.")
    return card_disputes.enter_dispute(connection, found.order_id, id_, money, terms)


def find(connection: sqlite3.Connection, id_: str) -> Authorization | None:
    """An authorization as it stands; what was set aside for too long is let go with this."""
    found = _find(connection, id_)
    if found is None or found.moved_at is None or found.captured or found.voided or not found.authorized:
        return found
    if _held_until(connection, found.moved_at) > now():
        return found
    book(connection, found.order_id, id_, "voided", from_minor(found.authorized, found.currency), key="held too long")
    return _find(connection, id_)


def _find(connection: sqlite3.Connection, id_: str) -> Authorization | None:
    row = connection.execute(
        """
        SELECT a.authorization_id, a.order_id, a.payment_method, a.currency,
               coalesce(sum(e.amount) FILTER (WHERE e.kind = 'authorized'), 0),
               coalesce(sum(e.amount) FILTER (WHERE e.kind = 'captured'), 0),
               coalesce(sum(e.amount) FILTER (WHERE e.kind = 'voided'), 0),
               coalesce(sum(e.amount) FILTER (WHERE e.kind = 'refunded'), 0),
               max(e.at)
        FROM authorizations a LEFT JOIN entries e USING (authorization_id)
        WHERE a.authorization_id = ? GROUP BY a.authorization_id
        """,
        (id_,),
    ).fetchone()
    return None if row is None else replace(Authorization(*row), action=customer_actions.find_action(connection, id_))


def show(connection: sqlite3.Connection, id_: str, address: str = "") -> StoredAnswer:
    """An authorization as it stands, for who asks; customers act below `address`."""
    found = find(connection, id_)
    return NOT_FOUND if found is None else StoredAnswer(200, _state(connection, found, address))


def moved_authorizations(connection: sqlite3.Connection, since: str, after: int, limit: int) -> StoredAnswer:
    """The authorizations of which anything became since a time, each as it stands: under which money moved, then those
    that were disputed."""
    if after < card_disputes.DISPUTES_BEGIN:
        ids, next_cursor = moved_page(connection, "authorization_id", since, after, limit)
        is_disputed = card_disputes.disputed_page(connection, since, card_disputes.DISPUTES_BEGIN, 1)[0]
        next_cursor = next_cursor or (str(card_disputes.DISPUTES_BEGIN) if is_disputed else None)
    else:
        ids, next_cursor = card_disputes.disputed_page(connection, since, after, limit)
    found = (find(connection, id_) for id_ in ids)
    return StoredAnswer(200, {"items": [_state(connection, one) for one in found if one], "next_cursor": next_cursor})


def _state(connection: sqlite3.Connection, found: Authorization, address: str = "") -> dict[str, object]:
    sums = {"amount": found.amount, **{name: getattr(found, name) for name in ("captured", "voided", "refunded")}}
    url = f"{address}{customer_actions.PLACE}/{found.authorization_id}" if found.action is not None else None
    disputed_at = card_disputes.last_moved_at(connection, found.authorization_id)
    return {
        "authorization_id": found.authorization_id,
        "order_id": found.order_id,
        "status": found.status,
        "payment_method": found.payment_method,
        "currency": found.currency,
        **{name: amount_text(minor, found.currency) for name, minor in sums.items()},
        "moved_at": max(filter(None, (found.moved_at, disputed_at)), default=None),
        **({} if url is None else {"redirect_url": url}),
        "disputes": card_disputes.shown(connection, found.authorization_id),
    }


def parse_amount(amount: str, currency: str, expected: str | None = None) -> Money:
    """An amount that can be moved. Raises `InvalidInput` for one that is not above 0 or not in the expected
    currency."""
    money = Money.of(amount, currency)
    if money.amount <= 0:
        raise InvalidInput("an amount must be above 0", "amount")
    if expected not in {None, currency}:
        raise InvalidInput(f"the money set aside is in {expected}, not {currency}", "currency")
    return money


_BROKEN = problem(503, "provider_error", "Something is wrong here; nothing was booked.")
NOT_FOUND = problem(404, "authorization_not_found", "There is no such authorization.")


def _already(found: Authorization) -> StoredAnswer:
    if found.captured:
        return problem(409, "already_captured", "The money was taken before.")
    return problem(409, "already_voided", "The money was let go before.")


def _fails(connection: sqlite3.Connection, key: str, payment_method: str) -> bool:
    """Whether the card fails this time; a flaky one's failures are counted on disk."""
    if payment_method != FLAKY:
        return payment_method == ERROR
    (count,) = connection.execute(
        "INSERT INTO failures VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count", (key,)
    ).fetchone()
    return int(count) <= FLAKY_FAILURES


def _json(amount: Money) -> dict[str, str]:
    return {"amount": str(amount.amount), "currency": amount.currency}
