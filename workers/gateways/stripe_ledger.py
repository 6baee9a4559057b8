"""Stripe's ledger: disputes, then intents, which say what is held, then balance transactions, which say what moved
later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from commerce.outside.errors import PartyUnavailable
from commerce.outside.ledger import LedgerPage
from commerce.payments.ports import PaymentAtProvider
from workers.gateways.dispute_answers import stripe_dispute
from workers.gateways.party_text import usable
from workers.gateways.stripe_amounts import money_of
from workers.gateways.stripe_answers import Shape, intent_state, order_named
from workers.gateways.stripe_calls import StripeCalls

_DISPUTES, _INTENTS, _TRANSACTIONS = "disputes", "intents", "transactions"
_AFTER = {_DISPUTES: _INTENTS, _INTENTS: _TRANSACTIONS}
"""Disputes come first, as a payment that is listed once more is passed over."""

_DECIDED_WITHIN = timedelta(days=180)
"""Stripe says when a dispute was opened, and not when anything became of it: one that is older has been decided."""

_MOVES_MONEY = frozenset(
    {
        "charge",
        "payment",
        "refund",
        "payment_refund",
        "refund_failure",
        "payment_failure_refund",
        "payment_reversal",
    }
)
"""Balance transactions about a payment; payouts and fees are about none."""


async def stripe_ledger_page(calls: StripeCalls, since: datetime, cursor: str | None) -> LedgerPage[PaymentAtProvider]:
    """A page of what moved since a time; the cursor says which list is read, and after what.

    Raises `PartyUnavailable` for one that cannot be read, and what the calls raise.
    """
    what, _, after = (cursor or _DISPUTES).partition(":")
    if what == _DISPUTES:
        begin = int((since - _DECIDED_WITHIN).timestamp())
        listed, is_going_on = await calls.disputes_since(begin, after or None)
        return LedgerPage(_disputed(listed), _next(what, listed, is_going_on=is_going_on))
    listing = calls.intents_since if what == _INTENTS else calls.transactions_since
    listed, is_going_on = await listing(int(since.timestamp()), after or None)
    shapes = [one for one in listed if what == _INTENTS or one.get("type") in _MOVES_MONEY]
    items = [found for one in shapes if (found := _read(one, is_intent=what == _INTENTS)) is not None]
    return LedgerPage(items, _next(what, listed, is_going_on=is_going_on))


def _next(what: str, listed: Sequence[Shape], *, is_going_on: bool) -> str | None:
    if not is_going_on:
        return _AFTER.get(what)
    last = usable(listed[-1].get("id")) if listed else None
    if last is None:
        raise _not_understood()
    return f"{what}:{last}"


def _disputed(listed: Iterable[Shape]) -> list[PaymentAtProvider]:
    """The charges of orders behind disputes, each once, with its disputes, the oldest first."""
    found: dict[str, PaymentAtProvider] = {}
    for one in listed:
        charge, dispute = _expanded(one.get("charge")), stripe_dispute(one)
        if charge is not None and order_named(charge) is None:
            continue
        read = None if charge is None else _charge_state(charge, created_at(one))
        if read is None or dispute is None:
            raise _not_understood()
        before = found.get(read.authorization_id, read)
        found[read.authorization_id] = replace(before, disputes=(dispute, *before.disputes))
    return list(found.values())


def _read(found: Shape, *, is_intent: bool) -> PaymentAtProvider | None:
    """An intent, or the charge behind a transaction, as it stands; None for one of no order that we cannot read."""
    charge = _charge_of(found, is_intent=is_intent)
    at = created_at(found)
    if is_intent:
        refunded = None if charge is None else money_of(charge.get("amount_refunded"), charge.get("currency"))
        is_readable = found.get("status") != "succeeded" or refunded is not None
        read = intent_state(found, refunded, at) if is_readable else None
        subject = found
    else:
        read = None if charge is None else _charge_state(charge, at)
        subject = charge or found
    if read is None and order_named(subject) is not None:
        raise _not_understood()
    return read


def _charge_of(found: Shape, *, is_intent: bool) -> Shape | None:
    charge = _expanded(found.get("latest_charge" if is_intent else "source"))
    return _expanded(charge.get("charge")) if charge is not None and charge.get("object") == "refund" else charge


def _expanded(found: object) -> Shape | None:
    """What stands in the place of its id, as it was asked for so."""
    return found if isinstance(found, dict) else None


def created_at(found: Shape) -> datetime | None:
    """When an object of Stripe's was made; None where it does not say."""
    at = found.get("created")
    return datetime.fromtimestamp(at, UTC) if type(at) is int else None


def _charge_state(charge: Shape, at: datetime | None) -> PaymentAtProvider | None:
    """What was taken and given back by a charge of an intent; one without an intent is known by its own id."""
    id_ = usable(charge.get("payment_intent")) or usable(charge.get("id"))
    captured, refunded = (
        money_of(charge.get(name), charge.get("currency")) for name in ("amount_captured", "amount_refunded")
    )
    if id_ is None or captured is None or refunded is None:
        return None
    return PaymentAtProvider(id_, order_named(charge), captured - captured, captured, refunded, at)


def _not_understood() -> PartyUnavailable:
    return PartyUnavailable("Stripe gave a ledger that we do not understand")
